import { type Asking, ask } from "../engine/ask.js";
import type { StageContext } from "../engine/stage.js";
import type { DeliveryFeedback, FallbackEvent, LineageEvent } from "../schemas/generated.js";
import type { Reason } from "../schemas/reasons.js";
import type { FinalStatus } from "../schemas/status.js";
import type { Claims } from "../stores/claims/claims.js";
import { keys } from "../stores/keys.js";
import { noteProgress, type Reached } from "./fallback-progress.js";
import { lineageOf, type Subject } from "./lineage-of.js";

export interface ConclusionPorts {
  readonly lineage: LineageEvent;
  readonly feedback: DeliveryFeedback;
  readonly fallbacks: FallbackEvent;
}

/** The end of a message. */
export interface Conclusion {
  readonly subject: Subject;
  readonly stage: LineageEvent["stage"];
  readonly status: FinalStatus;
  /** How far a delivered message came, as far as its provider can know; default: delivered. */
  readonly reached?: Reached;
  readonly reason: Reason | null;
  readonly attempt: number;
  readonly provider: string | null;
  readonly providerMessageId: string | null;
  /** Identifies what ended the message: the same if the end is repeated, different for any other end. */
  readonly cause: string;
  readonly details?: Readonly<Record<string, string>>;
  /** The recipient, if the sender is to be notified. */
  readonly to?: string;
}

const reachedOf = ({ status, reached = "delivered" }: Conclusion): Reached => {
  if (status === "delivered") return reached;
  return status === "cancelled" ? "cancelled" : "failed";
};

/** Parses the value stored under a message's final key. */
export const decisionOf = (decided: string): Pick<Conclusion, "status" | "cause"> => {
  const [status = "", ...cause] = decided.split(":");
  return { status: status as FinalStatus, cause: cause.join(":") };
};

/**
 * Ends a message once: the first cause decides the final status, which goes to lineage and to the sender and is final.
 * Later causes are recorded as late. Yields whether this cause decided.
 */
export function* conclude(
  context: Pick<StageContext<ConclusionPorts>, "now" | "instance" | "emit">,
  claims: Pick<Claims, "decideAll">,
  keepMs: number,
  conclusion: Conclusion,
): Asking<boolean> {
  const { subject, status, reason, attempt, provider, providerMessageId, cause } = conclusion;
  const mine = `${status}:${cause}`;
  const decided = yield* ask(claims.decideAll, { key: keys.claims.final(subject.messageId), value: mine, ttlMs: keepMs });
  if (decided !== mine) {
    context.emit(
      "lineage",
      lineageOf(context, subject, {
        stage: conclusion.stage,
        outcome: "late",
        reason,
        attempt,
        provider,
        discriminator: cause,
        details: { ignored: status, final: decisionOf(decided).status },
      }),
    );
    return false;
  }
  context.emit(
    "lineage",
    lineageOf(context, subject, {
      stage: conclusion.stage,
      outcome: status,
      status,
      reason,
      attempt,
      provider,
      details: { ...(providerMessageId ? { providerMessageId } : {}), ...conclusion.details },
    }),
  );
  context.emit("feedback", {
    feedbackId: `${subject.messageId}:${status}`,
    messageId: subject.messageId,
    tenant: subject.tenant,
    channel: subject.channel,
    lane: subject.lane,
    kind: "final",
    status,
    reason,
    attempt,
    provider,
    providerMessageId,
    idempotencyKey: subject.idempotencyKey,
    metadata: subject.metadata,
    to: conclusion.to ?? null,
    at: context.now(),
    traceparent: subject.traceparent ?? null,
    tracestate: subject.tracestate ?? null,
  });
  noteProgress(context, subject, reachedOf(conclusion));
  return true;
}
