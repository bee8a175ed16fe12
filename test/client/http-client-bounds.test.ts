import { afterEach, beforeEach, expect, it } from "vitest";
import {
  type CarillonClient,
  type CarillonError,
  createHttpClient,
  type HttpClientOptions,
  type MessageInput,
} from "../../client/index.js";
import { eventually } from "../support/eventually.js";
import { answerJson, type HttpPeer, startHttpPeer } from "../support/http-peer.js";

const sms: MessageInput = { channel: "sms", to: "+14155550100", content: { text: "Hi" } };
const taken = answerJson(202, { id: "m-1" });

let peer: HttpPeer;
const clients: CarillonClient[] = [];
beforeEach(async () => {
  peer = await startHttpPeer(taken);
});
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
  await peer.stop();
});
const clientOf = (more: Partial<HttpClientOptions> = {}): CarillonClient => {
  const client = createHttpClient({ url: peer.url, ...more });
  clients.push(client);
  return client;
};

it("drops a trace context that is none, instead of an unsendable header", async () => {
  await clientOf({ traceparent: () => "00-a\nb", tracestate: () => "ü" }).send(sms);
  expect(peer.calls[0]?.headers).not.toHaveProperty("traceparent");
  expect(peer.calls[0]?.headers).not.toHaveProperty("tracestate");
});

it.each([
  [202, { code: "INPUT_INVALID", field: "url" }],
  [500, { code: "UNAVAILABLE" }],
])("reads no more than 1 MiB of an endless answer of %i, and rejects it without another try", async (status, error) => {
  let written = 0;
  const chunk = Buffer.alloc(65_536, 32);
  peer.answers((response) => {
    response.writeHead(status);
    const more = (): void => {
      while (!response.destroyed && written < 100_000_000) {
        written += chunk.length;
        if (!response.write(chunk)) return void response.once("drain", more);
      }
    };
    more();
  });
  await expect(clientOf({ requestTimeoutMs: 5_000 }).send(sms)).rejects.toMatchObject({
    ...error,
    message: expect.stringContaining("its body has more than 1048576 bytes"),
  });
  expect(peer.calls).toHaveLength(1);
  expect(written).toBeLessThan(50_000_000);
});

it("ends sends with the reason of their signal, in flight, in a pause and in the queue", async () => {
  peer.answers((response, call) => {
    if (peer.calls.length === 1) answerJson(503, {}, { "retry-after": "5" })(response, call);
  });
  const client = clientOf({ concurrency: 2 });
  const controller = new AbortController();
  const sending = [1, 2, 3].map(() => client.send(sms, { signal: controller.signal }));
  await eventually(
    () => peer.calls.length,
    (count) => count === 2,
  );
  const reason = new Error("the request ended");
  const beginMs = Date.now();
  controller.abort(reason);
  for (const one of sending) await expect(one).rejects.toBe(reason);
  await expect(client.sendAll([sms], { signal: controller.signal })).rejects.toBe(reason);
  peer.answers(taken);
  expect(await client.send(sms, { signal: new AbortController().signal })).toMatchObject({ accepted: true });
  expect(Date.now() - beginMs).toBeLessThan(3_000);
  expect(peer.calls).toHaveLength(3);
});

it("counts the time in the client's queue to the deadline of a send", async () => {
  let isStuck = true;
  peer.answers((response, call) => {
    if (!isStuck) taken(response, call);
  });
  const client = clientOf({ concurrency: 1, deadlineMs: 1_000 });
  const beginMs = Date.now();
  const sending = Array.from({ length: 8 }, () => client.send(sms).catch((error: unknown) => error));
  // a queued message may still get its turn shortly before its deadline
  for (const error of await Promise.all(sending)) expect(["BUSY", "UNAVAILABLE"]).toContain((error as CarillonError).code);
  expect(Date.now() - beginMs).toBeLessThan(4_000);
  isStuck = false;
  expect(await client.send(sms)).toMatchObject({ accepted: true });
});

it("sends queued messages in order, with what is left of their time", async () => {
  peer.answers((response, call) => void setImmediate(() => taken(response, call)));
  const client = clientOf({ concurrency: 1, deadlineMs: 10_000 });
  const messages = ["1", "2", "3", "4", "5"].map((text) => ({ ...sms, content: { text } }));
  expect(await client.sendAll(messages)).toHaveLength(5);
  expect(peer.calls.map(({ body }) => JSON.parse(body).content.text)).toEqual(["1", "2", "3", "4", "5"]);
});
