import type { TenantRulesOf } from "../access/tenant-rules.js";
import type { Finding } from "../channels/finding.js";
import { acceptedHeader } from "../client/accepted-header.js";
import type { CheckedMessage } from "../client/check-message.js";
import { idFromKey, traceparentOf } from "../client/complete-message.js";
import { contentDigest, digestOf } from "../client/content-digest.js";
import { isInstant } from "../client/instant.js";
import { latestExpiry, noTimes, type Times } from "../client/times.js";
import { parseTraceContext } from "../client/trace-context.js";
import { toWellFormed } from "../client/well-formed.js";
import { type Asking, ask, askEach, wait } from "../engine/ask.js";
import type { RecordInfo, Stage, StageContext } from "../engine/stage.js";
import { CarillonError, newerRecord } from "../schemas/errors.js";
import type { MessageRequested } from "../schemas/generated.js";
import { defaultLane, isChannel, isLane } from "../schemas/vocabulary.js";
import type { Claims } from "../stores/claims/claims.js";
import { keys } from "../stores/keys.js";
import { acceptanceDetails } from "./acceptance-details.js";
import { type Conclusion, type ConclusionPorts, conclude } from "./conclude.js";
import { judgeRequest } from "./judge-request.js";
import { lineageOf, type Subject } from "./lineage-of.js";
import { noteDuplicate } from "./note-duplicate.js";
import type { DeliveryPolicy } from "./policy.js";
import { returnableMetadata } from "./request-input.js";

/** A request that passed every check. */
export interface ValidMessage {
  readonly subject: Subject;
  readonly message: CheckedMessage;
  readonly acceptedAtMs: number;
  readonly traceparent: string;
}

export interface ValidateDependencies {
  readonly claims: Pick<Claims, "decideAll">;
  readonly policy: DeliveryPolicy;
  readonly rulesOf: TenantRulesOf;
}

const idOf = (request: MessageRequested, record: RecordInfo): string => {
  if (request.id) return toWellFormed(request.id);
  return idFromKey(request.tenant, request.idempotencyKey ? request.idempotencyKey : `record ${record.origin}`);
};

/** Longest names that fit into other records. A request with longer names becomes a dead letter. */
const mostNameChars = 512;

const refuseLongNames = ({ id, tenant }: MessageRequested): void => {
  if (id.length <= mostNameChars && tenant.length <= mostNameChars) return;
  throw new CarillonError("UNDECODABLE", `the request's id or tenant is longer than ${mostNameChars} characters`, {
    fix: "give an id such as a UUID, and the tenant's name",
  });
};

/** How long a request is remembered: until it can no longer be sent, plus `stateRetentionMs`. A request repeated by then is a duplicate. */
export const requestKeepMsOf = (
  { notBefore, expiresAt }: Times,
  { channels, stateRetentionMs, limits }: Pick<DeliveryPolicy, "channels" | "stateRetentionMs" | "limits">,
  nowMs: number,
): number => {
  const latestDueMs = nowMs + limits.maxScheduleAheadMs;
  const dueMs = Math.min(Math.max(nowMs, notBefore ?? 0), latestDueMs);
  const longestMs = Math.max(...Object.values(channels).map(({ expiresAfterMs }) => expiresAfterMs));
  const untilMs = latestExpiry({ notBefore: dueMs, expiresAt }, limits.maxScheduleAheadMs, nowMs) ?? dueMs + longestMs;
  return Math.max(untilMs, dueMs) - nowMs + stateRetentionMs;
};

/**
 * An unknown channel or lane is a sender's mistake, unless a later version of Carillon has accepted and checked the request. Such a request
 * is left to a worker of that version.
 */
const leaveToLaterVersion = ({ channel, lane }: MessageRequested, { headers }: RecordInfo): void => {
  if (!headers[acceptedHeader]) return;
  const unknown = isChannel(channel) ? (lane === null || isLane(lane) ? undefined : `lane is ${lane}`) : `channel is ${channel}`;
  if (unknown !== undefined) throw newerRecord(`the request's ${unknown}`);
};

const mostFindings = 20;

const describe = (findings: readonly Finding[]): Record<string, string> =>
  Object.fromEntries(findings.slice(0, mostFindings).map(({ field, problem, fix }) => [field, `${problem}: ${fix}`]));

const mostKeyChars = 256;
const mostWordChars = 40;
const mostRecipientChars = 2_048;

/** The message of a request, limited to fields that fit into other records, because the checks come later. */
const subjectOf = (request: MessageRequested, messageId: string, topicLane: string, { limits }: DeliveryPolicy): Subject => ({
  messageId,
  tenant: toWellFormed(request.tenant),
  channel: toWellFormed(request.channel.slice(0, mostWordChars)),
  lane: toWellFormed((request.lane ?? topicLane).slice(0, mostWordChars)),
  idempotencyKey: request.idempotencyKey && toWellFormed(request.idempotencyKey.slice(0, mostKeyChars)),
  metadata: returnableMetadata(request, limits),
  fallback: request.fallback,
});

/** How far another clock may be ahead of this one. */
const clockSkewMs = 300_000;

/** When a request was accepted. A foreign client or its clock may state anything, so invalid and future times are ignored. */
const acceptedAtOf = (request: MessageRequested, record: RecordInfo, nowMs: number): number =>
  [request.acceptedAt, record.timestampMs].find((at) => isInstant(at) && at <= nowMs + clockSkewMs) ?? nowMs;

/** The digest stored under an idempotency key, to detect a request with other content; undefined without a key. */
const digestToKeep = (request: MessageRequested, { idempotencyKey }: Subject, message: CheckedMessage | undefined): string | undefined => {
  if (idempotencyKey === null) return undefined;
  // a request that failed its checks has used the key as well, so a corrected one differs
  const { id: _id, acceptedAt: _at, traceparent: _trace, tracestate: _state, user: _user, fallback: _fallback, ...asked } = request;
  return message ? contentDigest(message) : digestOf(asked);
};

/** Which record of the request counts, and whether its content differs from this one. */
function* firstOf(
  messageId: string,
  origin: string,
  digest: string | undefined,
  ttlMs: number,
  claims: ValidateDependencies["claims"],
): Asking<{ readonly first: string; readonly differing: boolean }> {
  const request = { key: keys.claims.request(messageId), value: origin, ttlMs };
  if (digest === undefined) return { first: yield* ask(claims.decideAll, request), differing: false };
  const [first = origin, decided] = yield* askEach(claims.decideAll, [
    request,
    { key: keys.claims.digest(messageId), value: digest, ttlMs },
  ]);
  return { first, differing: decided !== digest };
}

const noteAccepted = (
  context: StageContext<ConclusionPorts>,
  subject: Subject,
  request: MessageRequested,
  message: CheckedMessage | undefined,
  atMs: number,
): void => {
  const to = message?.to ?? toWellFormed(request.to.slice(0, mostRecipientChars));
  const details = acceptanceDetails(request, message);
  context.emit(
    "lineage",
    lineageOf(context, subject, { stage: "accept", outcome: "accepted", status: "accepted", attempt: 0, atMs, to, details }),
  );
};

const noteValidated = (context: StageContext<ConclusionPorts>, subject: Subject): void =>
  context.emit("lineage", lineageOf(context, subject, { stage: "validate", outcome: "ok", status: "validated", attempt: 0 }));

/** Checks a request as its sender could. Ends requests that cannot be sent, and duplicates. */
export const createValidate = ({
  claims,
  policy,
  rulesOf,
}: ValidateDependencies): Stage<MessageRequested, ValidMessage, ConclusionPorts> => ({
  name: "validate",
  ports: ["lineage", "feedback", "fallbacks"],
  process: function* (request, context) {
    refuseLongNames(request);
    leaveToLaterVersion(request, context.record);
    const nowMs = context.now();
    const messageId = idOf(request, context.record);
    // the trace context from the producer's own tracing is closer than the client's
    const { traceparent, tracestate } = parseTraceContext(context.record.traceparent, context.record.tracestate) ??
      parseTraceContext(request.traceparent, request.tracestate) ?? { traceparent: traceparentOf(messageId), tracestate: null };
    context.trace.message({ messageId, traceparent, attempt: 0 });
    const topicLane = context.record.lane ?? defaultLane;
    const subject = { ...subjectOf(request, messageId, topicLane, policy), traceparent, tracestate };
    const { senders } = yield* wait(rulesOf(request.tenant));
    const { errors, message } = judgeRequest(request, topicLane, policy, senders, nowMs);
    const keepMs = requestKeepMsOf(message ?? noTimes, policy, nowMs);
    const { origin } = context.record;
    const { first, differing } = yield* firstOf(messageId, origin, digestToKeep(request, subject, message), keepMs, claims);
    if (first !== origin) {
      noteDuplicate(context, subject, differing);
      return undefined;
    }
    const acceptedAtMs = acceptedAtOf(request, context.record, nowMs);
    noteAccepted(context, subject, request, message, acceptedAtMs);
    const end = { subject, stage: "validate", attempt: 0, provider: null, providerMessageId: null } as const satisfies Partial<Conclusion>;
    const [worst] = errors;
    if (worst || !message) {
      const reason = worst?.reason ?? "invalid_request";
      yield* conclude(context, claims, policy.stateRetentionMs, {
        ...end,
        status: "failed",
        reason,
        cause: "validate",
        details: describe(errors),
      });
      return undefined;
    }
    if (message.expiresAt !== null && message.expiresAt <= nowMs) {
      yield* conclude(context, claims, policy.stateRetentionMs, {
        ...end,
        status: "expired",
        reason: "expired_before_send",
        cause: "validate",
      });
      return undefined;
    }
    noteValidated(context, subject);
    return { subject, message, acceptedAtMs, traceparent };
  },
});
