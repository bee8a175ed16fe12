import { expect, it } from "vitest";
import type { Outlet } from "../../engine/outlet.js";
import { recordOutside } from "../../processors/outside-record.js";
import { createMemoryClaims } from "../../stores/claims/memory-claims.js";
import { createVirtualClock } from "../../stores/virtual-clock.js";

const subject = { messageId: "m-1", tenant: "acme", channel: "sms", lane: "normal", idempotencyKey: null, metadata: {} };
const end = {
  subject,
  stage: "erase",
  status: "cancelled",
  reason: "recipient_erased",
  attempt: 1,
  provider: null,
  providerMessageId: null,
} as const;

const outletTo = <T>(topic: string): Outlet<T> => ({
  record: (value) => ({ topic, key: "m-1", value: Buffer.from(JSON.stringify(value)) }),
  append: () => Promise.reject(new Error("the caller appends")),
});

const start = () => {
  const clock = createVirtualClock(1_000);
  const claims = createMemoryClaims(clock);
  const outlets = { lineage: outletTo<never>("lineage"), feedback: outletTo<never>("feedback"), fallbacks: outletTo<never>("fallbacks") };
  return { outside: () => recordOutside({ instance: "test", clock, claims, outlets }) };
};

const recordsOf = ({ records }: ReturnType<typeof recordOutside>) =>
  records.map(({ topic, value }) => ({ topic, ...(JSON.parse(String(value)) as Record<string, unknown>) }));

it("gathers a step and an end, for their outlets, in order", async () => {
  const outside = start().outside();
  outside.step(subject, { stage: "dead_letter", outcome: "discarded", attempt: 0 });
  expect(await outside.conclude({ ...end, cause: "erased" }, 60_000)).toBe(true);
  expect(recordsOf(outside)).toMatchObject([
    { topic: "lineage", stage: "dead_letter", outcome: "discarded", instance: "test", at: 1_000 },
    { topic: "lineage", stage: "erase", outcome: "cancelled", status: "cancelled", reason: "recipient_erased" },
    { topic: "feedback", kind: "final", status: "cancelled", messageId: "m-1" },
  ]);
});

it("records an end as late if another cause has ended the message", async () => {
  const { outside } = start();
  await outside().conclude({ ...end, cause: "erased" }, 60_000);
  const late = outside();
  expect(await late.conclude({ ...end, status: "expired", reason: "no_receipt", cause: "overdue" }, 60_000)).toBe(false);
  expect(recordsOf(late)).toMatchObject([{ topic: "lineage", outcome: "late", details: { ignored: "expired", final: "cancelled" } }]);
});

it("repeats the same end with the same records", async () => {
  const { outside } = start();
  const [first, second] = [outside(), outside()];
  await first.conclude({ ...end, cause: "erased" }, 60_000);
  await second.conclude({ ...end, cause: "erased" }, 60_000);
  expect(recordsOf(second)).toEqual(recordsOf(first));
});
