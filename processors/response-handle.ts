import { type Asking, ask, wait } from "../engine/ask.js";
import type { Stage, StageContext } from "../engine/stage.js";
import type { Codec } from "../schemas/codec.js";
import { CarillonError } from "../schemas/errors.js";
import type { DeliveryFeedback, DispatchCommand, FallbackEvent, LineageEvent, ProviderReceipt } from "../schemas/generated.js";
import type { Claims } from "../stores/claims/claims.js";
import { keys } from "../stores/keys.js";
import type { MessageCache, MessageReference } from "../stores/message-cache/message-cache.js";
import { waitsForReceipt } from "./attempt-outcome.js";
import { decisionOf } from "./conclude.js";
import { noteProgress } from "./fallback-progress.js";
import { lineageOf } from "./lineage-of.js";
import type { DeliveryPolicy } from "./policy.js";
import { checkIdentity, type Identity } from "./receipt-identity.js";
import type { Routing } from "./routing.js";
import { type Verdict, verdictOf } from "./verdict.js";

export interface ResponseHandlePorts {
  readonly receipts: ProviderReceipt;
  readonly lineage: LineageEvent;
  readonly feedback: DeliveryFeedback;
  readonly fallbacks: FallbackEvent;
}

export interface ResponseHandleDependencies {
  readonly claims: Pick<Claims, "decidedAll" | "recordedAll">;
  readonly cache: Pick<MessageCache, "getAll" | "resolveAll">;
  readonly codec: Codec<DispatchCommand>;
  readonly policy: DeliveryPolicy;
  readonly routing: Pick<Routing, "receiptCame">;
}

type Context = StageContext<ResponseHandlePorts>;

function* findReference(
  { messageId, attempt, provider, providerMessageId }: ProviderReceipt,
  cache: ResponseHandleDependencies["cache"],
): Asking<MessageReference | undefined> {
  if (messageId) return { messageId, attempt: attempt ?? 0 };
  return providerMessageId ? yield* ask(cache.resolveAll, { provider, providerMessageId }) : undefined;
}

/** A receipt can arrive before its send's record. It is then delayed, and becomes a dead letter only if no record ever matches it. */
const waitForSend = (receipt: ProviderReceipt, context: Context, waitsMs: readonly number[]): void => {
  const waitMs = waitsMs[receipt.waits];
  if (waitMs === undefined) {
    throw new CarillonError(
      "UNKNOWN_RECEIPT",
      `${receipt.provider} reported ${receipt.event} for ${receipt.messageId ?? receipt.providerMessageId ?? "no id"}, but no message matches`,
      {
        fix: "redrive it once the send is recorded, or discard it",
      },
    );
  }
  const timer = { id: keys.timers.early(receipt.receiptId), dueAtMs: context.now() + waitMs };
  context.schedule("receipts", { ...receipt, waits: receipt.waits + 1 }, timer);
};

/** Opened, clicked and complained are recorded next to the status and do not change it. */
const noteEngagement = (receipt: ProviderReceipt, command: DispatchCommand, attempt: number, context: Context): void => {
  const { event, provider, receiptId } = receipt;
  context.emit(
    "lineage",
    lineageOf(context, command, {
      stage: "response_handle",
      outcome: "engaged",
      reason: event === "complained" ? "complained" : null,
      attempt,
      provider,
      discriminator: receiptId,
      details: { event, ...(receipt.detail ? { detail: receipt.detail } : {}) },
    }),
  );
  context.emit("feedback", {
    feedbackId: `${command.messageId}:${receiptId}`,
    messageId: command.messageId,
    tenant: command.tenant,
    channel: command.channel,
    lane: command.lane,
    kind: "engagement",
    status: event,
    reason: event === "complained" ? "complained" : null,
    attempt,
    provider,
    providerMessageId: receipt.providerMessageId,
    idempotencyKey: command.idempotencyKey,
    metadata: command.metadata,
    to: null,
    at: receipt.at,
    traceparent: command.traceparent,
    tracestate: command.tracestate,
  });
};

/**
 * Whether something other than this missing receipt ended the message. If the same missing receipt is redelivered, its end is recorded
 * again.
 */
function* endedOtherwise(
  { receiptId }: ProviderReceipt,
  { messageId }: DispatchCommand,
  claims: Pick<Claims, "decidedAll">,
): Asking<boolean> {
  const decided = yield* ask(claims.decidedAll, keys.claims.final(messageId));
  return decided !== undefined && decisionOf(decided).cause !== receiptId;
}

/** A deadline that comes this late was not processed in time: Carillon was down, or behind. */
const outageMs = 60_000;

/**
 * Whether a deadline that came late waits again, once, for as long as it was late. Receipts that arrived meanwhile are still on their way
 * too, in a queue or at the provider.
 */
const waitsAfterOutage = (
  receipt: ProviderReceipt,
  { messageId, attempt }: DispatchCommand,
  context: Context,
  policy: DeliveryPolicy,
): boolean => {
  const lateMs = context.now() - receipt.at;
  if (receipt.waits > 0 || lateMs < outageMs) return false;
  const dueAtMs = context.now() + Math.min(lateMs, policy.channels[receipt.channel].receiptDeadlineMs);
  context.schedule("receipts", { ...receipt, waits: 1 }, { id: keys.timers.deadline(messageId, receipt.attempt ?? attempt), dueAtMs });
  return true;
};

/** The meaning of a receipt for its message. */
function* judge(
  receipt: ProviderReceipt,
  { attempt: known, sentAtMs }: MessageReference,
  command: DispatchCommand,
  context: Context,
  { claims, routing, policy }: ResponseHandleDependencies,
): Asking<Verdict | undefined> {
  const attempt = known || command.attempt;
  if (isEngagement(receipt)) {
    noteEngagement(receipt, command, attempt, context);
    noteProgress(context, command, receipt.event === "complained" ? "delivered" : "opened");
    return undefined;
  }
  const verdict = verdictOf(receipt, command, attempt);
  if (receipt.event === "no_receipt") {
    const ended = yield* endedOtherwise(receipt, command, claims);
    return ended || waitsAfterOutage(receipt, command, context, policy) ? undefined : verdict;
  }
  if (verdict && sentAtMs !== undefined) routing.receiptCame(receipt.channel, receipt.provider, Math.max(receipt.at - sentAtMs, 0));
  if (receipt.event === "ambiguous" && waitsForReceipt(command, policy)) {
    // held like a send with an unknown outcome: another receipt or the deadline decides
    noteReceipt(receipt, command, attempt, receipt.reason, context);
    return undefined;
  }
  if (verdict || isProgress(receipt)) noteReceipt(receipt, command, attempt, verdict?.reason ?? null, context);
  return verdict;
}

/** How far a provider's clock may be behind: an earlier time was not parsed correctly. */
const behindMs = 86_400_000;

const withPlausibleTime = (receipt: ProviderReceipt, { sentAtMs }: MessageReference, nowMs: number): ProviderReceipt =>
  sentAtMs !== undefined && receipt.at < sentAtMs - behindMs ? { ...receipt, at: nowMs } : receipt;

/** Finds a receipt's message in the cache, checks that the receipt belongs to that message's attempt, and decides its meaning. */
export const createResponseHandle = (dependencies: ResponseHandleDependencies): Stage<ProviderReceipt, Verdict, ResponseHandlePorts> => ({
  name: "response_handle",
  ports: ["receipts", "lineage", "feedback", "fallbacks"],
  timers: ["receipts"],
  process: function* (receipt, context) {
    const { cache, claims, codec, policy } = dependencies;
    const found = yield* findReference(receipt, cache);
    const cached = found && (yield* ask(cache.getAll, found.messageId));
    if (!found || !cached) {
      waitForSend(receipt, context, policy.earlyReceiptRetryDelaysMs);
      return undefined;
    }
    const command = yield* wait(codec.decode(cached));
    // Carillon itself makes this event, so it needs no check
    const identity: Identity =
      receipt.event === "no_receipt"
        ? { kind: "same", reference: found }
        : yield* checkIdentity(receipt, found, command, { claims, cache });
    if (identity.kind === "unknown") {
      waitForSend(receipt, context, policy.earlyReceiptRetryDelaysMs);
      return undefined;
    }
    if (identity.kind === "differs") {
      throw new CarillonError("RECEIPT_MISMATCH", `${receipt.provider} reported ${receipt.event}, but ${identity.problem}`, {
        fix: "check who sends receipts in this provider's name and whether the provider reuses ids, then discard it",
      });
    }
    const { reference } = identity;
    context.trace.message({ ...command, attempt: reference.attempt || command.attempt });
    return yield* judge(withPlausibleTime(receipt, reference, context.now()), reference, command, context, dependencies);
  },
});

const isEngagement = ({ event }: ProviderReceipt): boolean => event === "complained" || event === "opened" || event === "clicked";

/** A receipt that decides nothing and only reports progress. */
const isProgress = ({ event }: ProviderReceipt): boolean => event === "accepted" || event === "delayed";

const noteReceipt = (
  receipt: ProviderReceipt,
  command: DispatchCommand,
  attempt: number,
  reason: string | null,
  context: Context,
): void => {
  const { event, provider, receiptId, detail, at } = receipt;
  if (event === "accepted") noteProgress(context, command, "accepted");
  context.emit(
    "lineage",
    lineageOf(context, command, {
      stage: "response_handle",
      outcome: event,
      reason,
      attempt,
      provider,
      discriminator: receiptId,
      details: { reportedAt: new Date(at).toISOString(), ...(detail ? { detail } : {}) },
    }),
  );
};
