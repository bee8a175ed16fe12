import { expect, it } from "vitest";
import { defaultSettings } from "../../../access/configured-tenants.js";
import { outcomeOf, setUpSending } from "./sending-under-test.js";

const shop = { tenant: "shop", isOperator: false, isTest: false } as const;
const operator = { ...shop, isOperator: true } as const;
const good = { channel: "push", to: "device-success", content: { text: "Hi" } };

it("answers each input at its place, and appends the accepted ones of a tenant together", async () => {
  const { sending, appends } = setUpSending();
  const taken = await sending.take(
    [{ ...good, tenant: "other" }, null, { ...good, to: "second" }, { ...good, from: "stranger" }, { ...good, to: "third" }],
    operator,
  );
  expect(taken.map(outcomeOf)).toEqual(["device-success", "invalid: message", "second", "forbidden: from", "third"]);
  expect(appends).toEqual([["other device-success"], ["shop second", "shop third"]]);
});

it("names the rule that forbids a message", async () => {
  const { sending, appends } = setUpSending();
  const email = { channel: "email", to: "ann@example.com", from: "no@example.org", content: { subject: "Hi", text: "Hi" } };
  const taken = await sending.take([{ ...good, tenant: "other" }, email], shop);
  expect(taken).toMatchObject([
    { cause: "forbidden", detail: "the key belongs to the tenant shop", errors: [{ field: "tenant" }] },
    { cause: "forbidden", detail: "the tenant shop is not allowed to use this sender", errors: [{ field: "from" }] },
  ]);
  expect(appends).toEqual([]);
});

it("refuses a message whose key has other content, and appends nothing for it", async () => {
  const { sending, appends } = setUpSending();
  const keyed = { ...good, idempotencyKey: "order-7" };
  const [first] = await sending.take([keyed], shop);
  const again = await sending.take([{ ...keyed, content: { text: "other" } }, keyed], shop);
  expect(again.map(outcomeOf)).toEqual(["conflict: idempotencyKey", "device-success"]);
  expect(again[1]).toMatchObject({ id: first && "id" in first ? first.id : undefined });
  expect(appends).toHaveLength(2);
});

it("continues the trace of the sender's work", async () => {
  const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  expect(await setUpSending().sending.take([good], { ...shop, traceparent })).toMatchObject([{ requests: [{ traceparent }] }]);
});

it("lets a tenant with senders of its own name those alone", async () => {
  const { sending } = setUpSending({ senders: { email: ["news@shop.example", "@mail.shop.example"] } });
  const content = { subject: "Hi", text: "Hi" };
  const from = (sender: string) => ({ channel: "email", to: "ann@example.com", from: sender, content });
  const taken = await sending.take(["News <news@shop.example>", "a@mail.shop.example", "b@shop.example"].map(from), shop);
  expect(taken.map(outcomeOf)).toEqual(["ann@example.com", "ann@example.com", "forbidden: from"]);
  expect(taken[2]).toMatchObject({ errors: [{ reason: "sender_not_allowed", fix: expect.stringContaining("senders.email") }] });
});

it("accepts as many messages as the tenant's limits allow, and names the limit to the others", async () => {
  const { sending, appends } = setUpSending({ rates: { ...defaultSettings.rates, messagesPerSecond: 2 } });
  const taken = await sending.take([good, null, good, good], shop);
  expect(taken.map(outcomeOf)).toEqual(["device-success", "invalid: message", "device-success", "limited: tenant"]);
  expect(taken[3]).toMatchObject({
    exceeded: { name: "messages" },
    errors: [{ problem: expect.stringContaining("2 messages per second") }],
  });
  expect(appends).toEqual([["shop device-success", "shop device-success"]]);
});

it("appends nothing once a limit is reached, and takes nothing of it for a refused message", async () => {
  const { sending, appends } = setUpSending({ quotas: { messagesPerDay: 1 } });
  const conflicting = [
    { ...good, idempotencyKey: "one" },
    { ...good, to: "other", idempotencyKey: "one" },
  ];
  expect((await sending.take(conflicting, shop)).map(outcomeOf)).toEqual(["device-success", "conflict: idempotencyKey"]);
  expect((await sending.take([good], shop)).map(outcomeOf)).toEqual(["limited: tenant"]);
  expect(appends).toHaveLength(1);
});

it("counts no message whose append failed", async () => {
  const { sending, hinder } = setUpSending({ quotas: { messagesPerDay: 2 } });
  hinder(async () => {
    throw new Error("the log is away");
  });
  await expect(sending.take([good, good], shop)).rejects.toThrow("the log is away");
  hinder(undefined);
  expect((await sending.take([good, good], shop)).map(outcomeOf)).toEqual(["device-success", "device-success"]);
  expect((await sending.take([good], shop)).map(outcomeOf)).toEqual(["limited: tenant"]);
});

it("counts a message to a user once, however many devices the user has, and its kept answer not at all", async () => {
  const { sending, put } = setUpSending({ quotas: { messagesPerDay: 1 } });
  await put("ann", {}, ["device-one", "device-two"]);
  const toAnn = { recipient: { user: "ann" }, content: { text: "Hi" }, idempotencyKey: "one" };
  const [first] = await sending.take([toAnn], shop);
  expect(first && outcomeOf(first)).toBe("device-one device-two");
  expect(await sending.take([toAnn], shop)).toMatchObject([{ requests: [] }]);
  expect((await sending.take([{ ...toAnn, idempotencyKey: "two" }], shop)).map(outcomeOf)).toEqual(["limited: tenant"]);
});
