import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createHttpClient, type HttpCarillonClient, type HttpClientOptions, type UserMessageInput } from "../../client/index.js";
import { createLogger } from "../../operations/telemetry/logger.js";
import { type Carillon, startCarillon } from "../../service/carillon.js";
import { loadConfig } from "../../service/load-config.js";
import { answerJson, type HttpPeer, startHttpPeer } from "../support/http-peer.js";
import { scratchFolder } from "../support/scratch.js";

const taken = answerJson(202, { id: "m-1" });
const bodyOf = (call: { readonly body: string } | undefined) => JSON.parse(call?.body ?? "{}") as Record<string, unknown>;

describe("messages to users from the client, before a server of the test", () => {
  let peer: HttpPeer;
  const clients: HttpCarillonClient[] = [];
  beforeEach(async () => {
    peer = await startHttpPeer(taken);
  });
  afterEach(async () => {
    await Promise.all(clients.splice(0).map((client) => client.close()));
    await peer.stop();
  });
  const clientOf = (more: Partial<HttpClientOptions> = {}): HttpCarillonClient => {
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

  it("posts a message to a user with its fallback, and returns each message that it became", async () => {
    const messages = [
      { id: "m-1", channel: "push", step: 1 },
      { id: "m-2", channel: "email", step: 2 },
    ];
    peer.answers(answerJson(202, { id: "m-1", messages }));
    const fallback: UserMessageInput["recipient"]["fallback"] = [
      { channel: "push" },
      { channel: "email", unless: "delivered", afterMs: 60_000 },
    ];
    const attachments = [{ filename: "a.txt", content: Buffer.from("x") }];
    const message: UserMessageInput = {
      recipient: { user: "ann", fallback },
      content: { title: "Hi", text: "Hi" },
      contents: { email: { subject: "Hi", text: "Hi", attachments } },
    };
    expect(await clientOf({ tenant: "shop" }).send(message)).toEqual({ accepted: true, id: "m-1", warnings: [], messages });
    expect(bodyOf(peer.calls[0])).toMatchObject({
      tenant: "shop",
      recipient: message.recipient,
      contents: { email: { attachments: [{ filename: "a.txt", content: "eA==" }] } },
      idempotencyKey: expect.any(String),
    });
  });

  it("tries again while an earlier try to a user is in flight, and reports a conflict at once", async () => {
    const inFlight = { errors: [{ field: "idempotencyKey", problem: "is of a request in flight", fix: "repeat it later" }] };
    answerInTurn(answerJson(409, inFlight, { "retry-after": "0" }), taken);
    const toUser: UserMessageInput = { recipient: { user: "ann" }, content: { text: "Hi" } };
    expect(await clientOf().send(toUser)).toMatchObject({ accepted: true });
    answerInTurn(answerJson(409, inFlight), taken);
    expect(await clientOf().send(toUser)).toMatchObject({ accepted: false, errors: [{ reason: "idempotency_conflict" }] });
    expect(peer.calls).toHaveLength(3);
  });
});

describe("messages to users from the client, before Carillon", () => {
  const apiKey = "0123456789abcdef0123456789abcdef";
  let carillon: Carillon;
  const scratch = scratchFolder();
  beforeAll(async () => {
    const http = { port: 0, apiKeys: [{ key: apiKey, tenant: "shop" }] };
    const config = loadConfig({ environment: {}, overrides: { dataDir: scratch.path, http } });
    carillon = await startCarillon({ config, logger: createLogger("error", "test") });
  });
  afterAll(async () => {
    await carillon.stop();
    scratch.remove();
  });

  it("sends to a user, and refuses what Carillon refuses in the same words", async () => {
    const client = createHttpClient({ url: carillon.url ?? "", apiKey });
    const key = { tenant: "shop", id: "ann" };
    await carillon.stores.directory.put([
      { ...key, addresses: { email: null, sms: "+14155550100" }, locale: null, timeZone: null, attributes: {} },
    ]);
    await carillon.stores.directory.register([{ ...key, channel: "push", address: "device-success", app: null }]);
    const fallback: UserMessageInput["recipient"]["fallback"] = [
      { channel: "push" },
      { channel: "sms", unless: "delivered", afterMs: 60_000 },
    ];
    const content = { title: "Your order", text: "It is on its way." };
    const sent = await client.send({ recipient: { user: "ann", fallback }, content });
    expect(sent).toMatchObject({
      accepted: true,
      messages: [
        { channel: "push", step: 1 },
        { channel: "sms", step: 2 },
      ],
    });
    for (const [user, problem] of [
      ["ben", "is not a user of the tenant"],
      ["ann", "has no address on email"],
    ] as const) {
      const refused = await client.send({ recipient: { user, channels: ["email"] }, content: { subject: "Hi", text: "Hi" } });
      expect(refused).toMatchObject({ accepted: false, errors: [{ field: "recipient.user", reason: "invalid_recipient", problem }] });
    }
    const wrong = { recipient: { user: "ann", channels: ["sms"], fallback: [{ channel: "fax" }, { channel: "sms" }] }, to: "ann" };
    const headers = { authorization: `Bearer ${apiKey}`, "content-type": "application/json" };
    const answer = await fetch(`${carillon.url}/v1/messages`, { method: "POST", headers, body: JSON.stringify(wrong) });
    const { errors } = (await answer.json()) as { errors: readonly { field: string; problem: string; fix: string }[] };
    const local = await client.send(wrong as unknown as UserMessageInput);
    const words = errors.map(({ field, problem, fix }) => ({ field, problem, fix }));
    expect(words.length).toBeGreaterThan(1);
    expect(local).toMatchObject({ accepted: false, errors: words });
    await client.close();
  });
});
