import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type CarillonClient, createHttpClient, type HttpClientOptions, type MessageInput } from "../../client/index.js";
import { createLogger } from "../../operations/telemetry/logger.js";
import { type Carillon, startCarillon } from "../../service/carillon.js";
import { loadConfig } from "../../service/load-config.js";
import { eventually } from "../support/eventually.js";
import { answerJson, type HttpPeer, startHttpPeer } from "../support/http-peer.js";
import { scratchFolder } from "../support/scratch.js";

const sms: MessageInput = { channel: "sms", to: "+14155550100", content: { text: "Hi" } };
const taken = answerJson(202, { id: "m-1" });
const bodyOf = (call: { readonly body: string } | undefined) => JSON.parse(call?.body ?? "{}") as Record<string, unknown>;

describe("the client over HTTP, before a server of the test", () => {
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
    const client = createHttpClient({ url: peer.url, apiKey: "secret", ...more });
    clients.push(client);
    return client;
  };
  /** Answers in turn; the last one for good. */
  const answerInTurn = (...answers: readonly ReturnType<typeof answerJson>[]): void => {
    let next = 0;
    peer.answers((response, call) => {
      const answer = answers[Math.min(next, answers.length - 1)];
      next += 1;
      answer?.(response, call);
    });
  };

  it("posts the message with its key, its trace and files in base64", async () => {
    const traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    const client = clientOf({ url: `${peer.url}/mail/`, tenant: "shop", traceparent: () => traceparent });
    const attachments = [{ filename: "a.txt", content: Buffer.from("x") }];
    const email: MessageInput = {
      channel: "email",
      to: "a@b.example",
      content: { subject: "Hi", text: "Hi", attachments },
      idempotencyKey: "order-7",
    };
    expect(await client.send(email)).toEqual({ accepted: true, id: "m-1", warnings: [] });
    expect(peer.calls[0]).toMatchObject({
      method: "POST",
      url: "/mail/v1/messages",
      headers: { authorization: "Bearer secret", traceparent },
    });
    expect(bodyOf(peer.calls[0])).toMatchObject({
      ...email,
      tenant: "shop",
      content: { subject: "Hi", text: "Hi", attachments: [{ filename: "a.txt", content: "eA==" }] },
    });
  });

  it("sends nothing that its own checks refuse", async () => {
    const result = await clientOf().send({ ...sms, to: "nobody" });
    expect(result).toMatchObject({ accepted: false, errors: [{ field: "to", reason: "invalid_recipient" }] });
    expect(peer.calls).toEqual([]);
  });

  it("tries again after 429 and 503, when Retry-After says so, under one idempotency key", async () => {
    answerInTurn(answerJson(503, {}, { "retry-after": "1" }), answerJson(429, {}, { "retry-after": "0" }), taken);
    const beginMs = Date.now();
    expect(await clientOf().send(sms)).toMatchObject({ accepted: true });
    expect(Date.now() - beginMs).toBeGreaterThanOrEqual(1_000);
    expect(peer.calls).toHaveLength(3);
    const keys = new Set(peer.calls.map((call) => bodyOf(call).idempotencyKey));
    expect(keys.size).toBe(1);
    expect([...keys][0]).toMatch(/^[0-9a-f-]{36}$/);
  });

  it("tries again after 408, with which a stalled server ends an upload", async () => {
    answerInTurn(answerJson(408, {}), taken);
    expect(await clientOf().send(sms)).toMatchObject({ accepted: true });
    expect(peer.calls).toHaveLength(2);
  });

  it("tries again after a connection that broke, and gives each send a key of its own", async () => {
    answerInTurn((response) => response.destroy(), taken);
    const client = clientOf();
    expect(await client.send(sms)).toMatchObject({ accepted: true });
    await client.send(sms);
    expect(bodyOf(peer.calls[1]).idempotencyKey).not.toBe(bodyOf(peer.calls[2]).idempotencyKey);
  });

  it.each([
    ["BUSY", 429],
    ["UNAVAILABLE", 503],
  ])("rejects %s at once where the next try would come after the deadline", async (code, status) => {
    peer.answers(answerJson(status, { detail: "later" }, { "retry-after": "3600" }));
    const beginMs = Date.now();
    await expect(clientOf({ deadlineMs: 5_000 }).send(sms)).rejects.toMatchObject({
      code,
      retryable: true,
      message: expect.stringMatching(/later/),
    });
    expect(Date.now() - beginMs).toBeLessThan(4_000);
    expect(peer.calls).toHaveLength(1);
  });

  it("gives a try up that is not answered in time, and rejects UNAVAILABLE by its deadline", async () => {
    peer.answers(() => undefined);
    await expect(clientOf({ deadlineMs: 3_000, requestTimeoutMs: 300 }).send(sms)).rejects.toMatchObject({
      code: "UNAVAILABLE",
      message: expect.stringMatching(/in \d+ tries within [0-3]\.\d s: no answer in time/),
    });
    expect(peer.calls.length).toBeGreaterThan(1);
  });

  it.each([
    [400, "to", "invalid_request"],
    [403, "from", "sender_not_allowed"],
    [403, "tenant", "invalid_request"],
    [409, "idempotencyKey", "idempotency_conflict"],
    [413, "body", "content_too_large"],
  ])("gives a refusal of the message by %i back as data", async (status, field, reason) => {
    peer.answers(answerJson(status, { errors: [{ field, problem: "is wrong", fix: "correct it" }] }));
    expect(await clientOf().send(sms)).toEqual({ accepted: false, errors: [{ field, reason, problem: "is wrong", fix: "correct it" }] });
    expect(peer.calls).toHaveLength(1);
  });

  it.each([
    [401, {}, { code: "INPUT_INVALID", field: "apiKey" }],
    [403, {}, { code: "FORBIDDEN" }],
    [404, {}, { code: "INPUT_INVALID", field: "url" }],
    [302, { location: "http://elsewhere.example/" }, { code: "INPUT_INVALID", message: expect.stringMatching(/elsewhere\.example/) }],
    [500, {}, { code: "UNAVAILABLE" }],
  ])("rejects an answer of %i that says nothing of the message, without another try", async (status, headers, error) => {
    peer.answers(answerJson(status, { detail: "as it is" }, headers as Record<string, string>));
    await expect(clientOf().send(sms)).rejects.toMatchObject(error);
    expect(peer.calls).toHaveLength(1);
  });

  it("sends many in their order, so many at once as it may", async () => {
    let [open, most] = [0, 0];
    peer.answers((response, call) => {
      open += 1;
      most = Math.max(most, open);
      setImmediate(() => {
        open -= 1;
        answerJson(202, { id: String(bodyOf(call).idempotencyKey) })(response, call);
      });
    });
    const messages = Array.from({ length: 20 }, (_, index) => ({ ...sms, idempotencyKey: `k-${index}` }));
    const results = await clientOf({ concurrency: 3 }).sendAll(messages);
    expect(results.map((result) => result.accepted && result.id)).toEqual(messages.map(({ idempotencyKey }) => idempotencyKey));
    expect(most).toBeLessThanOrEqual(3);
  });

  it("accepts no more once it is closed, and ends what it waits for", async () => {
    peer.answers(() => undefined);
    const client = clientOf({ closeTimeoutMs: 50 });
    const sending = client.send(sms);
    await eventually(
      () => peer.calls.length,
      (count) => count === 1,
    );
    await Promise.all([client.close(), expect(sending).rejects.toMatchObject({ code: "CLOSED" })]);
    await expect(client.send(sms)).rejects.toMatchObject({ code: "CLOSED" });
  });

  it.each(["carillon.example.com", "ftp://carillon.example.com", "http://a:b@carillon.example.com", "http://carillon.example.com/?a=b"])(
    "refuses the address %s",
    (url) => {
      expect(() => createHttpClient({ url })).toThrow(expect.objectContaining({ code: "INPUT_INVALID", field: "url" }));
    },
  );
});

describe("the client over HTTP, before Carillon", () => {
  const apiKey = "0123456789abcdef0123456789abcdef";
  let carillon: Carillon;
  const scratch = scratchFolder();
  beforeEach(async () => {
    const http = { port: 0, apiKeys: [{ key: apiKey, tenant: "shop" }] };
    const config = loadConfig({ environment: {}, overrides: { dataDir: scratch.path, http } });
    carillon = await startCarillon({ config, logger: createLogger("error", "test") });
  });
  afterEach(async () => {
    await carillon.stop();
    scratch.remove();
  });

  it("has a message delivered for its key's tenant, once for a key, and learns what Carillon refuses", async () => {
    const client = createHttpClient({ url: carillon.url ?? "", apiKey });
    const message = { ...sms, idempotencyKey: "login-7" };
    const [first, second] = [await client.send(message), await client.send(message)];
    const id = first.accepted ? first.id : "";
    expect(second).toMatchObject({ accepted: true, id });
    const document = await eventually(
      () => carillon.stores.lineage.find(id),
      (found) => found?.final === true,
    );
    expect(document).toMatchObject({ tenant: "shop", status: "delivered" });
    expect(await client.send({ ...message, content: { text: "Other" } })).toMatchObject({
      accepted: false,
      errors: [{ field: "idempotencyKey", reason: "idempotency_conflict" }],
    });
    expect(await client.send({ ...sms, tenant: "other" })).toMatchObject({ accepted: false, errors: [{ field: "tenant" }] });
    const stranger = createHttpClient({ url: carillon.url ?? "", apiKey: "guess" });
    await expect(stranger.send(sms)).rejects.toMatchObject({ code: "INPUT_INVALID", field: "apiKey" });
    await Promise.all([client.close(), stranger.close()]);
  });
});
