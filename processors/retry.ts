import type { Stage, StageContext } from "../engine/stage.js";
import type { DispatchCommand, LineageEvent } from "../schemas/generated.js";
import { keys } from "../stores/keys.js";
import type { Conclusion } from "./conclude.js";
import { dueAtOf } from "./due-at.js";
import { lineageOf } from "./lineage-of.js";
import { type DeliveryPolicy, type RetryKind, retryPolicyOf } from "./policy.js";
import { retryDelayMs } from "./retry-delay.js";
import type { Routing } from "./routing.js";
import type { Verdict } from "./verdict.js";

export interface RetryPorts {
  readonly dispatch: DispatchCommand;
  readonly lineage: LineageEvent;
}

/** The end of a message, with the message itself. */
export interface Ending {
  readonly conclusion: Conclusion;
  readonly command: DispatchCommand;
}

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
      providerMessageId: receipt.providerMessageId,
      cause: receipt.receiptId,
      details: receipt.detail ? { detail: receipt.detail } : {},
      ...(status === "suppressed" ? { to: command.to } : {}),
    },
  };
};

/** Without a receipt from the recipient's side, a delivered message is only known to be accepted. */
const arrived = (ending: Ending, isConfirmed: boolean): Ending =>
  isConfirmed ? ending : { ...ending, conclusion: { ...ending.conclusion, reached: "accepted" } };

const scheduleNext = (verdict: Verdict, dueAtMs: number, context: StageContext<RetryPorts>): void => {
  const { command, attempt, receipt, reason } = verdict;
  const next = { ...command, attempt: attempt + 1, provider: null, tried: [] };
  context.schedule("dispatch", next, { id: keys.timers.retry(command.messageId, next.attempt), dueAtMs });
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

/** Reasons that imply nothing about the message or its recipient: another provider may accept it. */
const providersFault: ReadonlySet<string> = new Set(["provider_unavailable", "provider_timeout", "provider_throttled", "account_rejected"]);

/** Fails over to another provider immediately. */
const failOver = (verdict: Verdict, tried: readonly string[], context: StageContext<RetryPorts>): void => {
  const { command, attempt, receipt, reason } = verdict;
  context.emit("dispatch", { ...command, attempt: attempt + 1, provider: null, tried });
  context.emit(
    "lineage",
    lineageOf(context, command, {
      stage: "retry",
      outcome: "failed_over",
      reason,
      attempt,
      provider: receipt.provider,
      details: { nextAttempt: String(attempt + 1), not: tried.join(", ") },
    }),
  );
};

const retryKindOf = ({ receipt: { event } }: Verdict): RetryKind =>
  event === "throttled" || event === "ambiguous" ? event : "temporary_failure";

export interface RetryDependencies {
  readonly policy: DeliveryPolicy;
  readonly routing: Pick<Routing, "hasAnother">;
  /** Whether the provider's receipts of delivery come from the recipient's side, and not from a service before it. */
  readonly confirmsArrival: (provider: string) => boolean;
}

/** Decides synchronously. */
export interface RetryStage extends Stage<Verdict, Ending, RetryPorts> {
  process(verdict: Verdict, context: StageContext<RetryPorts>): Ending | undefined;
}

/** Decides by policy whether to repeat a failed attempt, with which provider and when; otherwise ends the message. */
export const createRetry = ({ policy, routing, confirmsArrival }: RetryDependencies): RetryStage => {
  const again = (verdict: Verdict, context: StageContext<RetryPorts>): Ending | undefined => {
    const { command, attempt, receipt, reason } = verdict;
    const retry = retryPolicyOf(policy, command.channel, receipt.provider, retryKindOf(verdict));
    if (attempt >= retry.maxAttempts) return endingOf(verdict, "failed", "attempts_exhausted");
    const tried = [...command.tried, receipt.provider];
    if (reason && providersFault.has(reason) && routing.hasAnother(command, tried)) {
      failOver(verdict, tried, context);
      return undefined;
    }
    const askedMs = Math.min(receipt.retryAfterMs ?? 0, policy.maxRetryAfterMs);
    const dueAtMs = context.now() + retryDelayMs(retry, command.messageId, attempt, askedMs);
    if (dueAtMs >= command.expiresAt) return endingOf(verdict, "expired", "expired_before_retry");
    if (dueAtMs > dueAtOf(command) + retry.maxAgeMs) return endingOf(verdict, "failed", "attempts_exhausted");
    scheduleNext(verdict, dueAtMs, context);
    return undefined;
  };
  return {
    name: "retry",
    ports: ["dispatch", "lineage"],
    timers: ["dispatch"],
    process: (verdict, context) => {
      const { command, attempt } = verdict;
      // a result of the call itself left no timer, unless an attempt was made twice: that timer finds the message final
      const waited = !verdict.direct;
      if (waited && verdict.kind !== "expired") context.cancel(keys.timers.deadline(command.messageId, attempt));
      switch (verdict.kind) {
        case "delivered":
          if (waited) context.cancel(keys.timers.retry(command.messageId, attempt + 1));
          return arrived(endingOf(verdict, "delivered", null), !verdict.direct && confirmsArrival(verdict.receipt.provider));
        case "failed":
          return endingOf(verdict, endsSuppressed(verdict) ? "suppressed" : "failed", verdict.reason);
        case "expired":
          return endingOf(verdict, "expired", verdict.reason);
        default:
          return again(verdict, context);
      }
    },
  };
};

/** The device no longer accepts messages of this app: not a failed send, but sending again is useless. */
const endsSuppressed = ({ reason }: Verdict): boolean => reason === "endpoint_disabled";
