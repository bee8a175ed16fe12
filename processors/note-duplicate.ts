import type { StageContext } from "../engine/stage.js";
import type { ConclusionPorts } from "./conclude.js";
import { lineageOf, type Step, type Subject } from "./lineage-of.js";

/** Records a duplicate, which is not sent again. If its content differs, the sender is notified. */
export const noteDuplicate = (context: StageContext<ConclusionPorts>, subject: Subject, differing: boolean): void => {
  const { origin } = context.record;
  const reason = differing ? "idempotency_conflict" : "duplicate_request";
  const details: Record<string, string> = differing ? { note: "the content differs from that of the first request" } : {};
  const step = {
    stage: "validate",
    outcome: "duplicate",
    reason,
    attempt: 0,
    discriminator: origin,
    details,
  } as const satisfies Partial<Step>;
  context.emit("lineage", lineageOf(context, subject, step));
  if (!differing) return;
  context.emit("feedback", {
    feedbackId: `${subject.messageId}:duplicate:${origin}`,
    messageId: subject.messageId,
    tenant: subject.tenant,
    channel: subject.channel,
    lane: subject.lane,
    kind: "engagement",
    status: "duplicate",
    reason,
    attempt: 0,
    provider: null,
    providerMessageId: null,
    idempotencyKey: subject.idempotencyKey,
    metadata: subject.metadata,
    to: null,
    at: context.now(),
    traceparent: subject.traceparent ?? null,
    tracestate: subject.tracestate ?? null,
  });
};
