import { expect, it } from "vitest";
import { completeMessage } from "../../../client/complete-message.js";
import { loadConfig } from "../../../service/load-config.js";
import type { Accepter } from "../../../sources/accepter.js";
import { createIdempotency } from "../../../sources/idempotency.js";
import type { Sender } from "../../../sources/sending/sender.js";
import { createSending, type Taken } from "../../../sources/sending/sending.js";
import { createMemoryClaims } from "../../../stores/claims/memory-claims.js";
import { createVirtualClock } from "../../../stores/virtual-clock.js";

const shop: Sender = { tenant: "shop", isOperator: false, isTest: false };
const operator: Sender = { ...shop, isOperator: true };
const good = { channel: "push", to: "device-success", content: { text: "Hi" } };

/** Accepting on claims in memory. `appends`: the tenants and recipients of each append. */
const setUp = () => {
  const clock = createVirtualClock();
  const config = loadConfig({ environment: {} });
  const appends: string[][] = [];
  const accepter: Accepter = {
    accept: async (messages, tenant, traceparent, tracestate) => {
      appends.push(messages.map(({ to }) => `${tenant} ${to}`));
      return messages.map((message) => completeMessage(message, tenant, clock.now(), traceparent, tracestate));
    },
  };
  const idempotency = createIdempotency(createMemoryClaims(clock), config, clock);
  return { sending: createSending({ config, accepter, idempotency, clock }), appends };
};

const outcomeOf = (taken: Taken): string => ("cause" in taken ? `${taken.cause}: ${taken.errors[0].field}` : taken.request.to);

it("answers each input at its place, and appends the accepted ones of a tenant together", async () => {
  const { sending, appends } = setUp();
  const taken = await sending.take(
    [{ ...good, tenant: "other" }, null, { ...good, to: "second" }, { ...good, from: "stranger" }, { ...good, to: "third" }],
    operator,
  );
  expect(taken.map(outcomeOf)).toEqual(["device-success", "invalid: message", "second", "forbidden: from", "third"]);
  expect(appends).toEqual([["other device-success"], ["shop second", "shop third"]]);
});

it("names the rule that forbids a message", async () => {
  const { sending, appends } = setUp();
  const email = { channel: "email", to: "ann@example.com", from: "no@example.org", content: { subject: "Hi", text: "Hi" } };
  const taken = await sending.take([{ ...good, tenant: "other" }, email], shop);
  expect(taken).toMatchObject([
    { cause: "forbidden", detail: "the key belongs to the tenant shop", errors: [{ field: "tenant" }] },
    { cause: "forbidden", detail: "the tenant shop is not allowed to use this sender", errors: [{ field: "from" }] },
  ]);
  expect(appends).toEqual([]);
});

it("refuses a message whose key has other content, and appends nothing for it", async () => {
  const { sending, appends } = setUp();
  const keyed = { ...good, idempotencyKey: "order-7" };
  const [first] = await sending.take([keyed], shop);
  const again = await sending.take([{ ...keyed, content: { text: "other" } }, keyed], shop);
  expect(again.map(outcomeOf)).toEqual(["conflict: idempotencyKey", "device-success"]);
  expect(again[1]).toMatchObject({ request: { id: first && "request" in first ? first.request.id : undefined } });
  expect(appends).toHaveLength(2);
});

it("continues the trace of the sender's work", async () => {
  const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  expect(await setUp().sending.take([good], { ...shop, traceparent })).toMatchObject([{ request: { traceparent } }]);
});
