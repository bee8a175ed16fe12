import type { StageContext } from "../engine/stage.js";
import type { FallbackPlace, LineageEvent } from "../schemas/generated.js";

/** The message that steps belong to. */
export interface Subject {
  readonly messageId: string;
  readonly tenant: string;
  readonly channel: string;
  readonly lane: string;
  readonly idempotencyKey: string | null;
  readonly metadata: Readonly<Record<string, string>>;
  /** The trace that the message belongs to, if known (W3C). */
  readonly traceparent?: string | null;
  readonly tracestate?: string | null;
  /** Its place in a plan of steps, if it is part of one. */
  readonly fallback?: FallbackPlace | null;
}

export interface Step {
  readonly stage: LineageEvent["stage"];
  readonly outcome: string;
  readonly status?: LineageEvent["status"];
  readonly reason?: string | null;
  readonly attempt: number;
  readonly atMs?: number;
  readonly provider?: string | null;
  readonly to?: string | null;
  readonly details?: Readonly<Record<string, string>>;
  /** Distinguishes steps with the same stage, attempt and outcome. */
  readonly discriminator?: string;
}

/** A lineage event. Its id is the same however often the step is repeated. */
export const lineageOf = (
  context: Pick<StageContext<object>, "now" | "instance">,
  subject: Pick<Subject, "messageId" | "tenant" | "channel" | "lane">,
  step: Step,
): LineageEvent => ({
  eventId: `${subject.messageId}:${step.stage}:${step.attempt}:${step.outcome}${step.discriminator ? `:${step.discriminator}` : ""}`,
  messageId: subject.messageId,
  tenant: subject.tenant,
  channel: subject.channel,
  lane: subject.lane,
  stage: step.stage,
  outcome: step.outcome,
  status: step.status ?? null,
  reason: step.reason ?? null,
  attempt: step.attempt,
  at: step.atMs ?? context.now(),
  instance: context.instance,
  provider: step.provider ?? null,
  to: step.to ?? null,
  details: step.details ?? {},
  also: [],
});
