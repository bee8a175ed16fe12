import { afterAll, beforeAll, expect, it } from "vitest";
import { eventually } from "../support/eventually.js";
import { createAsk } from "./ask.js";
import { apiKeys, keys, startWithRoutes } from "./walked-server.js";

let server: Awaited<ReturnType<typeof startWithRoutes>>;
beforeAll(async () => {
  const text = "Language: {{ locale | default: 'none' }}";
  server = await startWithRoutes({ apiKeys }, { templates: { greeting: { email: { subject: text, text } } } });
}, 60_000);
afterAll(() => server.stop());

const ask = createAsk(() => server.carillon.url);
const email = "success+ann@sandbox.carillon.test";
const content = { subject: "Your order", text: "It is on its way" };

it("sends to a user without an address, and finds the message by the user", async () => {
  await server.carillon.stores.directory.put([
    { tenant: "acme", id: "ann", addresses: { email, sms: null }, locale: null, timeZone: null, attributes: {} },
  ]);
  const sent = await ask(keys.acme, "POST", "/v1/messages", { recipient: { user: "ann" }, content });
  expect(sent).toMatchObject({ status: 202, body: { messages: [{ id: sent.body.id, channel: "email" }] } });
  const seen = await ask(keys.acme, "GET", `/v1/messages/${sent.body.id}`);
  expect(seen.body).toMatchObject({ user: "ann", to: email });
  const list = await eventually(
    () => ask(keys.acme, "GET", "/v1/messages?user=ann&status=delivered"),
    ({ body }) => body.items.length > 0,
  );
  expect(list.body.items).toMatchObject([{ id: sent.body.id, user: "ann", to: email }]);
  expect((await ask(keys.acme, "GET", "/v1/messages?user=ben")).body.items).toEqual([]);
});

it("takes the tenant's locale from its settings, without a restart", async () => {
  const put = { email: "success+lee@sandbox.carillon.test", sms: null };
  await server.carillon.stores.directory.put([{ tenant: "acme", id: "lee", addresses: put, locale: null, timeZone: null, attributes: {} }]);
  const changed = await ask(keys.operations, "PATCH", "/v1/tenants/acme/settings", { locale: "pt-BR" });
  expect(changed.status).toBe(200);
  const subjects = await eventually(
    async () => {
      const sent = await ask(keys.acme, "POST", "/v1/messages", { recipient: { user: "lee" }, template: "greeting" });
      expect(sent.status).toBe(202);
      const outbox = await ask(keys.acme, "GET", "/sandbox/outbox/email");
      return JSON.stringify(outbox.body);
    },
    (outbox) => outbox.includes("Language: pt-BR"),
  );
  expect(subjects).toContain("Language: pt-BR");
});

it("answers 404 for an unknown user, 422 for one without an address, and 400 for both recipient and address", async () => {
  await server.carillon.stores.directory.put([
    { tenant: "acme", id: "nowhere", addresses: { email: null, sms: null }, locale: null, timeZone: null, attributes: {} },
  ]);
  const send = async (message: object) => {
    const { status, body } = await ask(keys.acme, "POST", "/v1/messages", { content, ...message });
    return [status, body.errors.map(({ field }) => field)];
  };
  expect(await send({ recipient: { user: "carl" } })).toEqual([404, ["recipient.user"]]);
  expect(await send({ recipient: { user: "nowhere" } })).toEqual([422, ["recipient.user", "recipient.user", "recipient.user"]]);
  expect(await send({ recipient: { user: "nowhere" }, channel: "email", to: email })).toEqual([400, ["channel", "to"]]);
});

it("answers 409 with Retry-After while a request with the key is in flight", async () => {
  const { log } = server.carillon.stores;
  const { append } = log;
  let proceed = (): void => undefined;
  const blocked = new Promise<void>((resolve) => {
    proceed = resolve;
  });
  const post = () =>
    fetch(`${server.carillon.url}/v1/messages`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${keys.acme}`, "idempotency-key": "order-7" },
      body: JSON.stringify({ recipient: { user: "ann" }, content }),
    });
  let reached = (): void => undefined;
  const appending = new Promise<void>((resolve) => {
    reached = resolve;
  });
  Object.assign(log, {
    append: async (records: Parameters<typeof append>[0]) => {
      if (records.some(({ topic }) => topic.includes("requests"))) {
        reached();
        await blocked;
      }
      return append(records);
    },
  });
  const first = post();
  await appending;
  const second = await post();
  expect([second.status, Number(second.headers.get("retry-after"))]).toEqual([409, expect.any(Number)]);
  expect(Number(second.headers.get("retry-after"))).toBeGreaterThan(0);
  expect(await second.json()).toMatchObject({ code: "BUSY", errors: [{ field: "idempotencyKey" }] });
  proceed();
  const answer = await (await first).json();
  Object.assign(log, { append });
  const third = await post();
  expect([third.status, await third.json()]).toEqual([202, answer]);
});

it("takes messages to users and to addresses in one batch", async () => {
  const messages = [
    { recipient: { user: "ann" }, content },
    { channel: "email", to: email, content },
    { recipient: { user: "carl" }, content },
  ];
  const { status, body } = await ask(keys.acme, "POST", "/v1/messages/batch", { messages });
  expect(status).toBe(200);
  expect(body).toMatchObject({
    results: [
      { id: expect.any(String), messages: [{ channel: "email" }] },
      { id: expect.any(String) },
      { errors: [{ field: "recipient.user" }] },
    ],
  });
});

it("sends the next step of a fallback at once if the first failed, and after the time if no receipt came", async () => {
  const { directory } = server.carillon.stores;
  const put = (id: string, sms: string) =>
    directory.put([{ tenant: "acme", id, addresses: { email, sms }, locale: null, timeZone: null, attributes: {} }]);
  await put("bounced", "+14155550101");
  await put("silent", "+14155550103");
  await put("reached", "+14155550100");
  const send = async (user: string, afterMs: number) => {
    const fallback = [{ channel: "sms" }, { channel: "email", unless: "delivered", afterMs }];
    const { status, body } = await ask(keys.acme, "POST", "/v1/messages", { recipient: { user, fallback }, content });
    expect([status, body.messages]).toEqual([
      202,
      [
        { id: expect.any(String), channel: "sms", step: 1 },
        { id: expect.any(String), channel: "email", step: 2 },
      ],
    ]);
    return body.messages.map(({ id }) => id);
  };
  const [, failed] = await send("bounced", 3_600_000);
  const [, overdue] = await send("silent", 1_000);
  const [reached, unsent] = await send("reached", 2_000);
  const because = async (id: string | undefined) => {
    const seen = () => ask(keys.acme, "GET", `/v1/messages/${id}`);
    const { body } = await eventually(seen, (answer) => answer.body.status === "delivered");
    return body.lineage[0]?.details;
  };
  expect(await because(failed)).toMatchObject({ step: "2", sentBecause: "failed" });
  expect(await because(overdue)).toMatchObject({ step: "2", sentBecause: "overdue" });
  expect(await because(reached)).toMatchObject({ step: "1" });
  expect((await ask(keys.acme, "GET", `/v1/messages/${unsent}`)).status).toBe(404);
});

it("refuses a fallback next to channels, and one whose condition no channel can meet", async () => {
  const refused = async (recipient: object) => {
    const { status, body } = await ask(keys.acme, "POST", "/v1/messages", { recipient: { user: "ann", ...recipient }, content });
    return [status, body.errors.map(({ field }) => field)];
  };
  const fallback = [{ channel: "sms" }, { channel: "email", unless: "opened", afterMs: 60_000 }];
  expect(await refused({ fallback })).toEqual([400, ["recipient.fallback.1"]]);
  expect(await refused({ fallback: [{ channel: "sms" }], channels: ["sms"] })).toEqual([400, ["recipient.fallback"]]);
});

it("erases the messages of a user, whose tenant must be named", async () => {
  const count = (body: object) => ask(keys.operations, "POST", "/v1/erasures/count", body);
  expect(await count({ user: "ann" })).toMatchObject({ status: 400, body: { errors: [{ field: "tenant" }] } });
  expect(await count({ user: "ann", tenant: "acme", to: email })).toMatchObject({ status: 400, body: { errors: [{ field: "to" }] } });
  expect((await count({ user: "ann", tenant: "acme" })).body).toMatchObject({ messages: expect.any(Number) });
  const erased = await ask(keys.operations, "POST", "/v1/erasures", { user: "ann", tenant: "acme", waitMs: 30_000 });
  expect(erased).toMatchObject({ status: 200, body: { erased: { complete: true } } });
  expect((await count({ user: "ann", tenant: "acme" })).body).toEqual({ messages: 0 });
});
