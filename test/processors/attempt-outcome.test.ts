import { expect, it } from "vitest";
import { drive } from "../../engine/ask.js";
import { linkReceipts, recordOutcome, waitsForReceipt } from "../../processors/attempt-outcome.js";
import type { DispatchPorts } from "../../processors/dispatch-ports.js";
import type { SendOutcome } from "../../processors/provider.js";
import { commandTo } from "../support/commands.js";
import { memoryPorts, policyWith, stageContext } from "../support/stage-context.js";

const command = commandTo("sms", "+14155550100");
const policy = policyWith({ channels: { sms: { receiptDeadlineMs: 60_000 } } });
const callOf = (outcome: SendOutcome, at: number) => ({ provider: "sandbox", outcome, at, tookMs: 12 });

it("a send that was taken waits for its receipt until the channel's deadline", () => {
  const { context, clock, emitted, scheduled, calls } = stageContext<DispatchPorts>();
  expect(recordOutcome(command, callOf({ kind: "accepted", providerMessageId: "r-1" }, clock.now()), context, { policy })).toBeUndefined();
  expect(scheduled).toMatchObject([
    { port: "receipts", id: `deadline:${command.messageId}:1`, dueAtMs: clock.now() + 60_000, value: { event: "no_receipt" } },
  ]);
  expect(emitted.lineage).toMatchObject([{ outcome: "ok", status: "dispatched", details: { tookMs: "12", providerMessageId: "r-1" } }]);
  expect(calls).toEqual([{ of: "sandbox", outcome: "accepted", failed: false }]);
});

it.each<[SendOutcome, string]>([
  [{ kind: "delivered", providerMessageId: "r-1" }, "delivered"],
  [{ kind: "permanent_failure", reason: "recipient_rejected", detail: "550" }, "failed"],
  [{ kind: "temporary_failure", reason: "provider_unavailable", detail: "503" }, "retry"],
  [{ kind: "throttled", reason: "provider_throttled", detail: "429", retryAfterMs: 500 }, "retry"],
  [{ kind: "ambiguous", reason: "provider_timeout", detail: "no answer" }, "retry"],
])("an answer that settles the attempt goes on as a verdict: %j is %s", (outcome, kind) => {
  const { context, clock, emitted, scheduled } = stageContext<DispatchPorts>();
  expect(recordOutcome(command, callOf(outcome, clock.now()), context, { policy })).toMatchObject({ kind, attempt: 1 });
  expect(scheduled).toEqual([]);
  expect(emitted.lineage).toHaveLength(1);
});

// a receipt may arrive before the outcome is recorded, so the send's time must precede it
it.each<SendOutcome>([
  { kind: "accepted", providerMessageId: "r-1" },
  { kind: "temporary_failure", reason: "provider_unavailable", detail: "503" },
])("an attempt is told with the time of its call, however much later: %j", (outcome) => {
  const { context, clock, emitted } = stageContext<DispatchPorts>();
  const calledAtMs = clock.now();
  clock.advance(700);
  recordOutcome(command, callOf(outcome, calledAtMs), context, { policy });
  expect(emitted.lineage).toMatchObject([{ stage: "dispatch", at: calledAtMs }]);
});

it("a send of unknown outcome is held for a receipt where the lane says so", () => {
  const holding = policyWith({ lanes: { normal: { onAmbiguous: "hold" } } });
  const { context, clock, scheduled } = stageContext<DispatchPorts>();
  const call = callOf({ kind: "ambiguous", reason: "provider_timeout", detail: "no answer" }, clock.now());
  expect(waitsForReceipt(command, holding)).toBe(true);
  expect(recordOutcome(command, call, context, { policy: holding })).toBeUndefined();
  expect(scheduled).toHaveLength(1);
});

it("receipts find the attempt by each id that the provider gave it", async () => {
  const { cache } = memoryPorts();
  await drive(
    linkReceipts(command, callOf({ kind: "accepted", providerMessageId: "r-1", additionalProviderMessageIds: ["r-2"] }, 5), cache, 60_000),
  );
  const reference = { messageId: command.messageId, attempt: 1, sentAtMs: 5 };
  expect([await cache.resolve("sandbox", "r-1"), await cache.resolve("sandbox", "r-2")]).toEqual([reference, reference]);
  await drive(linkReceipts(command, callOf({ kind: "delivered", providerMessageId: "r-3" }, 5), cache, 60_000));
  expect(await cache.resolve("sandbox", "r-3")).toBeUndefined();
});
