import { createServer, type Server, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { createKafkajsClient } from "../../stores/event-log/kafka/kafkajs-client/kafkajs-client.js";
import { createPlatformaticClient } from "../../stores/event-log/kafka/platformatic-client/platformatic-client.js";

const saslHandshake = 17;

/** The answer of a broker that accepts PLAIN. https://kafka.apache.org/protocol, SaslHandshake Response (Version: 1) */
const handshakeAnswer = (correlationId: number): Buffer => {
  const answer = Buffer.alloc(21);
  answer.writeInt32BE(17, 0);
  answer.writeInt32BE(correlationId, 4);
  answer.writeInt16BE(0, 8); // no error
  answer.writeInt32BE(1, 10); // one mechanism
  answer.writeInt16BE(5, 14);
  answer.write("PLAIN", 16, "latin1");
  return answer;
};

let server: Server | undefined;
afterEach(() => server?.close());

/** A broker that answers `answered` requests of a connection and resets it at the next one. */
const startResetting = async (answered: number): Promise<{ address: string; resets: () => number }> => {
  let resets = 0;
  const handle = (socket: Socket): void => {
    let requests = 0;
    socket.on("error", () => undefined);
    socket.on("data", (request) => {
      requests += 1;
      if (requests <= answered && request.readInt16BE(4) === saslHandshake) {
        socket.write(handshakeAnswer(request.readInt32BE(8)));
        return;
      }
      resets += 1;
      socket.resetAndDestroy();
    });
  };
  const listening = createServer(handle);
  server = listening;
  await new Promise<void>((resolve) => listening.listen(0, "127.0.0.1", resolve));
  return { address: `127.0.0.1:${(listening.address() as { port: number }).port}`, resets: () => resets };
};

describe("a connection that the broker resets while it is being opened", () => {
  // @platformatic/kafka reports such a failure twice: https://github.com/platformatic/kafka, network/connection.ts
  it.each([
    ["platformatic", "before the handshake", createPlatformaticClient, 0],
    ["platformatic", "between handshake and password", createPlatformaticClient, 1],
    ["kafkajs", "before the handshake", createKafkajsClient, 0],
    ["kafkajs", "between handshake and password", createKafkajsClient, 1],
  ])("fails the sends by %s %s, and ends no process", async (_name, _when, createClient, answered) => {
    const { address, resets } = await startResetting(answered);
    const sasl = { mechanism: "plain", username: "carillon", password: "carillon-secret" } as const;
    const client = createClient({ brokers: [address], clientId: "resets", sessionTimeoutMs: 10_000, sasl });
    const send = async (): Promise<void> => {
      const sender = await client.connect();
      try {
        await sender.send([{ topic: "t", key: Buffer.from("k"), value: Buffer.from("v"), headers: {} }]);
      } finally {
        await sender.close();
      }
    };
    await expect(send()).rejects.toThrow();
    expect(resets()).toBeGreaterThan(1);
  });
});
