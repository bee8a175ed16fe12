import { describe, expect, it } from "vitest";
import { createRetry, type RetryPorts } from "../../processors/retry.js";
import type { Verdict } from "../../processors/verdict.js";
import { createVirtualClock } from "../../stores/virtual-clock.js";
import { commandTo } from "../support/commands.js";
import { policyWith, receiptFor, stageContext } from "../support/stage-context.js";

describe("retry", () => {
  const clock = createVirtualClock();
  const command = commandTo("sms", "+14155550100", { acceptedAt: clock.now(), expiresAt: clock.now() + 86_400_000, provider: "sandbox" });
  const retry = { baseMs: 1_000, factor: 2, jitter: 0, maxAttempts: 3, maxAgeMs: 3_600_000, maxDelayMs: 60_000 };
  const policy = policyWith({ channels: { sms: { retry } } });

  const decide = (more: Partial<Verdict>, { another = false, receipt = {} as Parameters<typeof receiptFor>[1] } = {}) => {
    const { context, ...noted } = stageContext<RetryPorts>({}, clock);
    const verdict: Verdict = {
      kind: "retry",
      command,
      receipt: receiptFor(command, { event: "temporary_failure", ...receipt }),
      attempt: 1,
      reason: "provider_unavailable",
      ...more,
    };
    const stage = createRetry({ policy, routing: { hasAnother: () => another }, confirmsArrival: () => true });
    const ending = stage.process(verdict, context);
    if (ending instanceof Promise) throw new Error("retry waits for nothing");
    return { ending, ...noted };
  };

  it("schedules the next attempt by the channel's policy", () => {
    const { ending, scheduled, emitted, cancelled } = decide({});
    expect(ending).toBeUndefined();
    expect(scheduled).toMatchObject([
      {
        port: "dispatch",
        id: `retry:${command.messageId}:2`,
        dueAtMs: clock.now() + 1_000,
        value: { attempt: 2, provider: null, tried: [] },
      },
    ]);
    expect(emitted.lineage).toMatchObject([{ outcome: "scheduled", details: { nextAttempt: "2" } }]);
    expect(cancelled).toEqual([`deadline:${command.messageId}:1`]);
    expect(decide({ attempt: 2 }).scheduled).toMatchObject([{ dueAtMs: clock.now() + 2_000 }]);
  });

  it("waits as long as the provider asks, within bounds", () => {
    expect(decide({}, { receipt: { retryAfterMs: 5_000 } }).scheduled).toMatchObject([{ dueAtMs: clock.now() + 5_000 }]);
    const bound = policy.maxRetryAfterMs;
    expect(decide({}, { receipt: { retryAfterMs: bound * 10 } }).scheduled[0]?.dueAtMs ?? 0).toBeLessThanOrEqual(clock.now() + bound);
  });

  it("has another provider take at once what was the provider's fault", () => {
    const { ending, scheduled, emitted } = decide({}, { another: true });
    expect([ending, scheduled]).toEqual([undefined, []]);
    expect(emitted.dispatch).toMatchObject([{ attempt: 2, provider: null, tried: ["sandbox"] }]);
    expect(emitted.lineage).toMatchObject([{ outcome: "failed_over", details: { not: "sandbox" } }]);
    expect(decide({ reason: "recipient_unavailable" }, { another: true }).scheduled).toHaveLength(1);
  });

  it.each<[string, Partial<Verdict>, string, string | null]>([
    ["the last attempt", { attempt: 3 }, "failed", "attempts_exhausted"],
    ["expiry before the next", { command: { ...command, expiresAt: clock.now() + 500 } }, "expired", "expired_before_retry"],
    ["age", { command: { ...command, acceptedAt: clock.now() - 3_600_000 } }, "failed", "attempts_exhausted"],
    ["delivery", { kind: "delivered", reason: null }, "delivered", null],
    ["refusal", { kind: "failed", reason: "recipient_rejected" }, "failed", "recipient_rejected"],
    ["a disabled device", { kind: "failed", reason: "endpoint_disabled" }, "suppressed", "endpoint_disabled"],
    ["silence", { kind: "expired", reason: "no_receipt" }, "expired", "no_receipt"],
  ])("ends a message by %s", (_, more, status, reason) => {
    expect(decide(more).ending?.conclusion).toMatchObject({ stage: "feedback", status, reason, cause: "receipt-1" });
  });

  it("names the recipient to the sender only where it is to be left out from now on", () => {
    expect(decide({ kind: "failed", reason: "endpoint_disabled" }).ending?.conclusion.to).toBe(command.to);
    expect(decide({ kind: "failed", reason: "recipient_rejected" }).ending?.conclusion.to).toBeUndefined();
  });

  it("calls off a retry that a late delivery makes needless", () => {
    expect(decide({ kind: "delivered", reason: null }).cancelled).toEqual([
      `deadline:${command.messageId}:1`,
      `retry:${command.messageId}:2`,
    ]);
  });
});
