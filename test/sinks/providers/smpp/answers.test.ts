import { createServer, type Server, type Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Provider } from "../../../../processors/provider.js";
import { commandTo, sendContext } from "../../../support/commands.js";
import { eventually } from "../../../support/eventually.js";
import { bareTools, createProvider } from "../../../support/providers.js";
import { dataSm, deliverSm, pduOf } from "../../../support/smpp-pdus.js";

interface Answer {
  readonly command: string;
  readonly status: number;
  readonly sequence: number;
}

/** An SMSC at the byte level: answers binds and submits, and records every PDU that it receives. */
const startSmsc = async () => {
  const sockets: Socket[] = [];
  const got: Answer[] = [];
  const state = { messageId: "1A2B0D" };
  const respond = (socket: Socket, commandId: number, sequence: number): void => {
    if (commandId === 0x09) socket.write(pduOf(0x8000_0009, Buffer.from("smsc\0"), sequence));
    if (commandId === 0x04) socket.write(pduOf(0x8000_0004, Buffer.from(`${state.messageId}\0`), sequence));
    if (commandId === 0x06) socket.write(pduOf(0x8000_0006, Buffer.alloc(0), sequence));
    if (commandId === 0x15) socket.write(pduOf(0x8000_0015, Buffer.alloc(0), sequence));
  };
  const server: Server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.push(socket);
    let bytes = Buffer.alloc(0);
    socket.on("error", () => undefined);
    socket.on("data", (more) => {
      bytes = Buffer.concat([bytes, more]);
      while (bytes.length >= 16 && bytes.length >= bytes.readUInt32BE(0)) {
        const [commandId, status, sequence] = [bytes.readUInt32BE(4), bytes.readUInt32BE(8), bytes.readUInt32BE(12)];
        got.push({ command: commandId.toString(16).padStart(8, "0"), status, sequence });
        bytes = bytes.subarray(bytes.readUInt32BE(0));
        respond(socket, commandId, sequence);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return {
    url: `smpp://127.0.0.1:${typeof address === "object" ? address?.port : ""}`,
    got,
    state,
    connections: () => sockets.length,
    write: (bytes: Buffer) => sockets.at(-1)?.write(bytes),
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};

describe("answers to an SMSC", () => {
  let smsc: Awaited<ReturnType<typeof startSmsc>>;
  let provider: Provider;
  let tools: ReturnType<typeof bareTools>;
  const start = async (more: Parameters<typeof bareTools>[0] = {}, options: Readonly<Record<string, unknown>> = {}): Promise<void> => {
    tools = bareTools({ sendTimeoutMs: 1_000, ...more }, options);
    const settings = { url: smsc.url, systemId: "carillon", password: "secret", enquireEveryMs: 60_000, ...options };
    provider = await createProvider("smpp", "sms", settings, tools);
    await provider.healthCheck();
  };
  beforeEach(async () => {
    smsc = await startSmsc();
  });
  afterEach(async () => {
    await provider.close();
    await smsc.stop();
  });
  const answerTo = (sequence: number): Promise<Answer | undefined> =>
    eventually(
      () => smsc.got.find((one) => one.sequence === sequence),
      (found) => found !== undefined,
    );
  const receiptText = "id:77 stat:DELIVRD err:000";

  it.each([
    ["deliver_sm with a receipt", deliverSm({ text: receiptText, sequence: 901 }), "80000005", 0],
    ["deliver_sm with a recipient's message", deliverSm({ esmClass: 0, text: "STOP", sequence: 901 }), "80000005", 0],
    ["deliver_sm that cannot be read", deliverSm({ text: "?", sequence: 901 }), "80000005", 0],
    ["deliver_sm without a body", pduOf(0x05, Buffer.alloc(0), 901), "80000005", 0],
    ["data_sm", dataSm({ tlvs: [[0x0424, Buffer.from(receiptText)]], sequence: 901 }), "80000103", 0],
    ["data_sm without a body", pduOf(0x103, Buffer.alloc(0), 901), "80000103", 0],
    ["enquire_link", pduOf(0x15, Buffer.alloc(0), 901), "80000015", 0],
    ["unbind", pduOf(0x06, Buffer.alloc(0), 901), "80000006", 0],
    ["outbind", pduOf(0x0b, Buffer.from("smsc\0secret\0"), 901), "80000000", 0x04],
    ["a request of the other side", pduOf(0x04, Buffer.alloc(0), 901), "80000000", 0x03],
    ["an unknown command", pduOf(0x7777, Buffer.from("?"), 901), "80000000", 0x03],
  ])("answers %s", async (_, bytes, command, status) => {
    await start();
    smsc.write(bytes);
    expect(await answerTo(901)).toEqual({ command, status, sequence: 901 });
  });

  it("binds again at once after an unbind, though the SMSC leaves its side of the connection open", async () => {
    await start();
    smsc.write(pduOf(0x06, Buffer.alloc(0), 901));
    await answerTo(901);
    expect(await provider.send(commandTo("sms", "+14155550100"), sendContext)).toMatchObject({ kind: "accepted" });
    expect(smsc.connections()).toBe(2);
  });

  it("has no answer to alert_notification, and counts it", async () => {
    await start();
    smsc.write(pduOf(0x102, Buffer.from([1, 1, 0x34, 0, 1, 1, 0x35, 0]), 901));
    smsc.write(pduOf(0x15, Buffer.alloc(0), 902));
    await answerTo(902);
    expect(smsc.got.some(({ sequence }) => sequence === 901)).toBe(false);
    expect(tools.readings).toEqual([{ kind: "ignored", reason: "alert_notification" }]);
  });

  it("answers only once the log has the delivery", async () => {
    let safe = (): void => undefined;
    await start({ receive: () => new Promise((resolve) => (safe = resolve)) });
    smsc.write(deliverSm({ text: receiptText, sequence: 901 }));
    smsc.write(pduOf(0x15, Buffer.alloc(0), 902));
    await answerTo(902);
    expect(smsc.got.some(({ sequence }) => sequence === 901)).toBe(false);
    safe();
    expect(await answerTo(901)).toMatchObject({ status: 0 });
  });

  it.each([
    ["deliver_sm", deliverSm({ text: receiptText, sequence: 901 })],
    ["data_sm", dataSm({ sequence: 901 })],
  ])("answers %s with a temporary error while the log is away, so that the SMSC repeats it", async (_, bytes) => {
    await start({ receive: () => Promise.reject(new Error("the log is away")) });
    smsc.write(bytes);
    expect(await answerTo(901)).toMatchObject({ status: 0x64 });
  });

  it("reads PDUs however the network cuts them, and one that follows an unreadable one", async () => {
    await start();
    const bytes = Buffer.concat([deliverSm({ text: "?", sequence: 901 }), deliverSm({ text: receiptText, sequence: 902 })]);
    for (const byte of bytes) smsc.write(Buffer.from([byte]));
    expect([await answerTo(901), await answerTo(902)]).toMatchObject([{ status: 0 }, { status: 0 }]);
    expect(tools.readings.map(({ kind }) => kind)).toEqual(["unreadable", "receipt"]);
  });

  it("refuses a length that no PDU has, and binds again", async () => {
    await start();
    smsc.write(Buffer.from([0xff, 0xff, 0xff, 0xff, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 3, 133]));
    expect(await answerTo(901)).toMatchObject({ command: "80000000", status: 0x02 });
    await eventually(
      () => provider.healthCheck().catch(() => ""),
      (text) => text !== "",
    );
    await eventually(smsc.connections, (count) => count === 2);
  });

  it.each([
    ["same", "1A2B0D", "1a2b0d"],
    ["same", "0001a2b0d", "1A2B0D"],
    ["same", "42", "0000000042"],
    ["decimal", "1A2B0D", "1714957"],
    ["decimal", "1A2B0D", "0001714957"],
    ["hex", "1714957", "1A2B0D"],
    ["hex", "1714957", "001a2b0d"],
    ["either", "1A2B0D", "1714957"],
    ["either", "1714957", "1A2B0D"],
    ["either", "4660", "1234"],
    ["either", "1234", "4660"],
    ["either", "1A2B0D", "1a2b0d"],
    ["exact", "Ab-1", "Ab-1"],
  ])("with receiptIds %s: an answered id %s is found by the receipt's id %s", async (receiptIds, answered, reported) => {
    await start({}, { receiptIds });
    smsc.state.messageId = answered;
    const outcome = await provider.send(commandTo("sms", "+14155550100"), sendContext);
    expect(outcome).toMatchObject({ kind: "accepted", providerMessageId: answered });
    smsc.write(deliverSm({ text: `id:${reported} stat:DELIVRD`, sequence: 901 }));
    await answerTo(901);
    const ids = outcome.kind === "accepted" ? [outcome.providerMessageId, ...(outcome.additionalProviderMessageIds ?? [])] : [];
    expect(ids).toContain(tools.receipts[0]?.providerMessageId);
  });

  it("with receiptIds exact: case and zeros count", async () => {
    await start({}, { receiptIds: "exact" });
    smsc.state.messageId = "0Ab";
    expect(await provider.send(commandTo("sms", "+14155550100"), sendContext)).toEqual({ kind: "accepted", providerMessageId: "0Ab" });
    smsc.write(deliverSm({ text: "id:ab stat:DELIVRD", sequence: 901 }));
    await answerTo(901);
    expect(tools.receipts[0]?.providerMessageId).toBe("ab");
  });
});
