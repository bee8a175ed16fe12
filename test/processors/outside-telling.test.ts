import { expect, it } from "vitest";
import type { Outlet } from "../../engine/outlet.js";
import { tellOutside } from "../../processors/outside-telling.js";
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
  responseId: null,
} as const;

const outletTo = <T>(topic: string): Outlet<T> => ({
  record: (value) => ({ topic, key: "m-1", value: Buffer.from(JSON.stringify(value)) }),
  append: () => Promise.reject(new Error("the caller appends")),
});

const start = () => {
  const clock = createVirtualClock(1_000);
  const claims = createMemoryClaims(clock);
  const outlets = { lineage: outletTo<never>("lineage"), feedback: outletTo<never>("feedback") };
  return { telling: () => tellOutside({ instance: "test", clock, claims, outlets }) };
};

const toldBy = ({ records }: ReturnType<typeof tellOutside>) =>
  records.map(({ topic, value }) => ({ topic, ...(JSON.parse(String(value)) as Record<string, unknown>) }));

it("gathers a step and an end, for their outlets, in the order in which they were told", async () => {
  const telling = start().telling();
  telling.step(subject, { stage: "dead_letter", outcome: "discarded", attempt: 0 });
  expect(await telling.conclude({ ...end, cause: "erased" }, 60_000)).toBe(true);
  expect(toldBy(telling)).toMatchObject([
    { topic: "lineage", stage: "dead_letter", outcome: "discarded", instance: "test", at: 1_000 },
    { topic: "lineage", stage: "erase", outcome: "cancelled", status: "cancelled", reason: "recipient_erased" },
    { topic: "feedback", kind: "final", status: "cancelled", messageId: "m-1" },
  ]);
});

it("notes an end as late where another cause has ended the message", async () => {
  const { telling } = start();
  await telling().conclude({ ...end, cause: "erased" }, 60_000);
  const late = telling();
  expect(await late.conclude({ ...end, status: "expired", reason: "no_receipt", cause: "overdue" }, 60_000)).toBe(false);
  expect(toldBy(late)).toMatchObject([{ topic: "lineage", outcome: "late", details: { told: "expired", stands: "cancelled" } }]);
});

it("tells the same end again, record for record, to whoever repeats it", async () => {
  const { telling } = start();
  const [first, second] = [telling(), telling()];
  await first.conclude({ ...end, cause: "erased" }, 60_000);
  await second.conclude({ ...end, cause: "erased" }, 60_000);
  expect(toldBy(second)).toEqual(toldBy(first));
});
