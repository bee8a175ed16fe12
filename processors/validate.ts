import { type CheckedMessage, checkMessage, type Finding } from "../client/check-message.js";
import { idFromKey, traceparentOf } from "../client/complete-message.js";
import { isInstant } from "../client/instant.js";
import { parseTraceContext } from "../client/trace-context.js";
import type { MessageRequested } from "../schemas/generated.js";
import { isLane } from "../schemas/vocabulary.js";
import type { Claims } from "../stores/claims/claims.js";
import type { RecordInfo, Stage, StageContext } from "../topology/stage.js";
import { type ConclusionPorts, conclude } from "./conclude.js";
import { lineageOf, type Subject } from "./lineage-of.js";
import type { DeliveryPolicy } from "./policy.js";

/** A request that passed every check. */
export interface ValidMessage {
  readonly subject: Subject;
  readonly message: CheckedMessage;
  readonly acceptedAtMs: number;
  readonly traceparent: string;
}

export interface ValidateDependencies {
  readonly claims: Pick<Claims, "decide">;
  readonly policy: DeliveryPolicy;
}

const orAbsent = <T>(value: T | null): T | undefined => value ?? undefined;

/** The request in the words of a sender, so that the sender's own checks can judge it. */
const inputOf = (request: MessageRequested, topicLane: string): unknown => ({
  channel: request.channel,
  to: request.to,
  lane: request.lane ?? topicLane,
  content: {
    subject: orAbsent(request.content.subject),
    text: orAbsent(request.content.text),
    html: orAbsent(request.content.html),
    title: orAbsent(request.content.title),
    data: request.content.data,
    attachments: request.content.attachments.map((attachment) => ({ ...attachment, contentId: orAbsent(attachment.contentId) })),
    replyTo: orAbsent(request.content.replyTo),
    unsubscribeUrl: orAbsent(request.content.unsubscribeUrl),
  },
  template: orAbsent(request.template),
  variables: request.variables,
  tenant: request.tenant,
  from: orAbsent(request.from),
  idempotencyKey: orAbsent(request.idempotencyKey),
  notBefore: orAbsent(request.notBefore),
  expiresAt: orAbsent(request.expiresAt),
  metadata: request.metadata,
});

const idOf = (request: MessageRequested, record: RecordInfo): string => {
  if (request.id) return request.id;
  return idFromKey(request.tenant, request.idempotencyKey ? request.idempotencyKey : `record ${record.origin}`);
};

/** How long a request is remembered: until it can no longer be sent, and `keepMs` more. A request sent again by then is a duplicate. */
const requestKeepMsOf = ({ notBefore, expiresAt }: MessageRequested, { channels, keepMs }: DeliveryPolicy, nowMs: number): number => {
  const dueMs = Math.max(nowMs, notBefore !== null && isInstant(notBefore) ? notBefore : 0);
  const longestMs = Math.max(...Object.values(channels).map(({ expiresAfterMs }) => expiresAfterMs));
  const untilMs = expiresAt !== null && isInstant(expiresAt) ? Math.max(expiresAt, dueMs) : dueMs + longestMs;
  return untilMs - nowMs + keepMs;
};

const laneOfTopic = (topic: string): string => {
  const lane = topic.split(".").at(-1) ?? "";
  return isLane(lane) ? lane : "normal";
};

const describe = (findings: readonly Finding[]): Record<string, string> =>
  Object.fromEntries(findings.map(({ field, problem, fix }) => [field, `${problem}: ${fix}`]));

const countryCode = /^[A-Z]{2}$/;
const regionCode = /^[A-Z]{2}-[A-Z0-9]{1,3}$/;
const mostTemplateChars = 100;

/** What reports count it by: the recipient's own country, else what the sender's metadata says (ISO 3166-1 and -2). */
const countedBy = ({ template, metadata }: MessageRequested, message: CheckedMessage | undefined): Record<string, string> => {
  const region = regionCode.test(metadata.region ?? "") ? metadata.region : undefined;
  const told = countryCode.test(metadata.country ?? "") ? metadata.country : undefined;
  const country = region?.slice(0, 2) ?? message?.country ?? told;
  const { notBefore, expiresAt } = message ?? {};
  return {
    ...(template ? { template: template.slice(0, mostTemplateChars) } : {}),
    ...(country ? { country } : {}),
    ...(region ? { region } : {}),
    ...(notBefore === undefined ? {} : { notBefore: new Date(notBefore).toISOString() }),
    ...(expiresAt === undefined ? {} : { expiresAt: new Date(expiresAt).toISOString() }),
  };
};

/** Judges a request by the same checks that a sender can make; ends what cannot be sent, and what was requested before. */
export const createValidate = ({ claims, policy }: ValidateDependencies): Stage<MessageRequested, ValidMessage, ConclusionPorts> => ({
  name: "validate",
  ports: ["lineage", "feedback"],
  process: async (request, context) => {
    const messageId = idOf(request, context.record);
    // what a producer's own tracing sends along is nearer than what the client completed
    const { traceparent, tracestate } = parseTraceContext(context.record.traceparent, context.record.tracestate) ??
      parseTraceContext(request.traceparent, request.tracestate) ?? { traceparent: traceparentOf(messageId), tracestate: null };
    context.trace.message({ messageId, traceparent, attempt: 0 });
    const topicLane = laneOfTopic(context.record.topic);
    const subject: Subject = {
      messageId,
      tenant: request.tenant,
      channel: request.channel,
      lane: request.lane ?? topicLane,
      idempotencyKey: request.idempotencyKey,
      metadata: request.metadata,
      traceparent,
      tracestate,
    };
    const keepMs = requestKeepMsOf(request, policy, context.now());
    const first = await claims.decide(`request:${messageId}`, context.record.origin, keepMs);
    if (first !== context.record.origin) {
      const discriminator = context.record.origin;
      context.emit(
        "lineage",
        lineageOf(context, subject, { stage: "validate", outcome: "duplicate", reason: "duplicate_request", attempt: 0, discriminator }),
      );
      return undefined;
    }
    // a foreign client, or its clock, may say anything: a time that is none would keep the message's lineage from being stored
    const acceptedAtMs = [request.acceptedAt, context.record.timestampMs].find(isInstant) ?? context.now();
    const { errors, message } = checkMessage(inputOf(request, topicLane), policy.limits);
    context.emit(
      "lineage",
      lineageOf(context, subject, {
        stage: "accept",
        outcome: "accepted",
        status: "accepted",
        attempt: 0,
        at: acceptedAtMs,
        to: message?.to ?? request.to,
        details: countedBy(request, message),
      }),
    );
    const end = { subject, stage: "validate", attempt: 0, provider: null, responseId: null } as const;
    const [worst] = errors;
    if (worst || !message) {
      const reason = worst?.reason ?? "invalid_request";
      await conclude(context, claims, policy.keepMs, { ...end, status: "failed", reason, cause: "validate", details: describe(errors) });
      return undefined;
    }
    if (message.expiresAt !== undefined && message.expiresAt <= context.now()) {
      await conclude(context, claims, policy.keepMs, { ...end, status: "expired", reason: "expired_before_send", cause: "validate" });
      return undefined;
    }
    noteValidated(context, subject);
    return { subject, message, acceptedAtMs, traceparent };
  },
});

const noteValidated = (context: StageContext<ConclusionPorts>, subject: Subject): void =>
  context.emit("lineage", lineageOf(context, subject, { stage: "validate", outcome: "ok", status: "validated", attempt: 0 }));
