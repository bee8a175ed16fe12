import type { DispatchCommand, LineageEvent } from "../schemas/generated.js";
import type { Stage, StageContext } from "../topology/stage.js";
import type { Conclusion } from "./conclude.js";
import { deadlineTimer } from "./dispatch.js";
import { lineageOf } from "./lineage-of.js";
import type { DeliveryPolicy } from "./policy.js";
import { retryDelayMs } from "./retry-delay.js";
import type { Verdict } from "./verdict.js";

export interface RetryPorts {
  readonly dispatch: DispatchCommand;
  readonly lineage: LineageEvent;
}

/** How the message ends, and the message itself. */
export interface Ending {
  readonly conclusion: Conclusion;
  readonly command: DispatchCommand;
}

export const retryTimer = (messageId: string, attempt: number): string => `retry:${messageId}:${attempt}`;

const endingOf = (verdict: Verdict, status: Conclusion["status"], reason: Conclusion["reason"]): Ending => {
  const { command, receipt, attempt } = verdict;
  return {
    command,
    conclusion: {
      subject: command,
      stage: "feedback",
      status,
      reason,
      attempt,
      provider: receipt.provider,
      responseId: receipt.responseId,
      cause: receipt.receiptId,
      details: receipt.detail ? { detail: receipt.detail } : {},
    },
  };
};

const scheduleNext = (verdict: Verdict, dueAtMs: number, context: StageContext<RetryPorts>): void => {
  const { command, attempt, receipt, reason } = verdict;
  const next = { ...command, attempt: attempt + 1 };
  context.schedule("dispatch", next, { id: retryTimer(command.messageId, next.attempt), dueAtMs });
  context.emit(
    "lineage",
    lineageOf(context, command, {
      stage: "retry",
      outcome: "scheduled",
      reason,
      attempt,
      provider: receipt.provider,
      details: { nextAttempt: String(next.attempt), dueAt: new Date(dueAtMs).toISOString() },
    }),
  );
};

/** Decides by policy whether a failed attempt is made again, and when; else how the message ends. */
export const createRetry = (policy: DeliveryPolicy): Stage<Verdict, Ending, RetryPorts> => ({
  name: "retry",
  ports: ["dispatch", "lineage"],
  process: (verdict, context) => {
    const { command, attempt, receipt } = verdict;
    if (verdict.kind === "delivered") {
      context.cancel(deadlineTimer(command.messageId, attempt));
      context.cancel(retryTimer(command.messageId, attempt + 1));
      return endingOf(verdict, "delivered", null);
    }
    if (verdict.kind === "failed") {
      context.cancel(deadlineTimer(command.messageId, attempt));
      return endingOf(verdict, "failed", verdict.reason);
    }
    if (verdict.kind === "expired") return endingOf(verdict, "expired", verdict.reason);
    const { retry } = policy.channels[command.channel];
    context.cancel(deadlineTimer(command.messageId, attempt));
    if (attempt >= retry.maxAttempts) return endingOf(verdict, "failed", "attempts_exhausted");
    const dueAtMs = context.now() + retryDelayMs(retry, command.messageId, attempt, receipt.retryAfterMs ?? 0);
    if (dueAtMs >= command.expiresAt) return endingOf(verdict, "expired", "expired_before_retry");
    if (dueAtMs > command.acceptedAt + retry.maxAgeMs) return endingOf(verdict, "failed", "attempts_exhausted");
    scheduleNext(verdict, dueAtMs, context);
    return undefined;
  },
});
