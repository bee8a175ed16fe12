import type { Codec } from "../schemas/codec.js";
import { CarillonError, messageOf } from "../schemas/errors.js";
import type { Channel, DeliveryFeedback, DispatchCommand, LineageEvent, ProviderReceipt } from "../schemas/generated.js";
import type { Claim, Claims } from "../stores/claims/claims.js";
import type { MessageCache } from "../stores/message-cache/message-cache.js";
import type { Stage, StageContext } from "../topology/stage.js";
import { conclude, finalKey } from "./conclude.js";
import { lineageOf } from "./lineage-of.js";
import type { DeliveryPolicy } from "./policy.js";
import type { Provider, SendOutcome } from "./provider.js";
import { type Verdict, verdictOf } from "./verdict.js";

export interface DispatchPorts {
  readonly receipts: ProviderReceipt;
  readonly dispatch: DispatchCommand;
  readonly lineage: LineageEvent;
  readonly feedback: DeliveryFeedback;
}

export interface DispatchDependencies {
  readonly claims: Claims;
  readonly cache: MessageCache;
  readonly codec: Codec<DispatchCommand>;
  readonly providers: Readonly<Record<Channel, Provider>>;
  readonly policy: DeliveryPolicy;
}

type Context = StageContext<DispatchPorts>;

/** A claim outlives the call that it guards by this much. */
const leaseMarginMs = 5_000;

const leaseMsOf = ({ sendTimeoutMs }: DeliveryPolicy): number => sendTimeoutMs + leaseMarginMs;

export const deadlineTimer = (messageId: string, attempt: number): string => `deadline:${messageId}:${attempt}`;

const keepMsOf = (command: DispatchCommand, policy: DeliveryPolicy, nowMs: number): number =>
  Math.max(command.expiresAt - nowMs, 0) + policy.channels[command.channel].receiptDeadlineMs + policy.keepMs;

const receiptOf = (
  command: DispatchCommand,
  provider: string,
  nowMs: number,
  outcome: Partial<ProviderReceipt> & Pick<ProviderReceipt, "event">,
): ProviderReceipt => ({
  receiptId: `${command.messageId}:${command.attempt}:${outcome.event}`,
  channel: command.channel,
  provider,
  messageId: command.messageId,
  attempt: command.attempt,
  responseId: null,
  reason: null,
  detail: null,
  retryAfterMs: null,
  at: nowMs,
  waits: 0,
  ...outcome,
});

/** Asks for news when the provider has said nothing by the channel's deadline. */
const scheduleDeadline = (context: Context, command: DispatchCommand, provider: string, policy: DeliveryPolicy): void => {
  const dueAtMs = context.now() + policy.channels[command.channel].receiptDeadlineMs;
  const silence = receiptOf(command, provider, dueAtMs, { event: "no_receipt", reason: "no_receipt" });
  context.schedule("receipts", silence, { id: deadlineTimer(command.messageId, command.attempt), dueAtMs });
};

/** Whether an attempt of unknown outcome waits for a receipt instead of being made again. */
const waitsForReceipt = (command: DispatchCommand, policy: DeliveryPolicy): boolean => policy.lanes[command.lane].onAmbiguous === "hold";

const callProvider = (provider: Provider, command: DispatchCommand): Promise<SendOutcome> =>
  provider
    .send(command, { idempotencyToken: `${command.messageId}:${command.attempt}` })
    .catch((error: unknown) => ({ kind: "ambiguous", reason: "provider_unavailable", detail: messageOf(error) }));

/** One call of a provider: what is recorded with its claim. */
interface Call {
  readonly outcome: SendOutcome;
  /** When the provider was called: a receipt can come before its answer is recorded, never before the call. */
  readonly at: number;
  readonly tookMs: number;
}

/** Tells what came of an attempt, and what it means if that is known already; told again after a crash, it tells the same. */
const tell = async (
  command: DispatchCommand,
  { outcome, at, tookMs }: Call,
  context: Context,
  dependencies: DispatchDependencies,
): Promise<Verdict | undefined> => {
  const { cache, policy, providers } = dependencies;
  const provider = providers[command.channel].name;
  const step = { stage: "dispatch", attempt: command.attempt, provider, at } as const;
  const took = { tookMs: String(tookMs) };
  if (outcome.kind === "accepted") {
    const reference = { messageId: command.messageId, attempt: command.attempt };
    await cache.link(provider, outcome.responseId, reference, keepMsOf(command, policy, context.now()));
    scheduleDeadline(context, command, provider, policy);
    context.emit(
      "lineage",
      lineageOf(context, command, { ...step, outcome: "ok", status: "dispatched", details: { ...took, responseId: outcome.responseId } }),
    );
    return undefined;
  }
  const failed = outcome.kind !== "delivered";
  const held = outcome.kind === "ambiguous" && waitsForReceipt(command, policy);
  context.emit(
    "lineage",
    lineageOf(context, command, {
      ...step,
      outcome: failed ? outcome.kind : "ok",
      status: "dispatched",
      reason: failed ? outcome.reason : null,
      details: { ...took, ...(outcome.detail ? { detail: outcome.detail } : {}) },
    }),
  );
  if (held) {
    scheduleDeadline(context, command, provider, policy);
    return undefined;
  }
  const receipt = receiptOf(command, provider, context.now(), {
    event: outcome.kind,
    responseId: failed ? null : outcome.responseId,
    reason: failed ? outcome.reason : null,
    detail: outcome.detail ?? null,
    retryAfterMs: failed ? (outcome.retryAfterMs ?? null) : null,
  });
  return verdictOf(receipt, command, command.attempt);
};

/** A worker ended between claim and outcome: by the lane's policy it is sent again, or held for a receipt, as it is once it has expired. */
const holdsAmbiguous = (
  command: DispatchCommand,
  expired: boolean,
  context: Context,
  { policy, providers }: DispatchDependencies,
): boolean => {
  const hold = expired || waitsForReceipt(command, policy);
  const provider = providers[command.channel].name;
  context.emit(
    "lineage",
    lineageOf(context, command, {
      stage: "dispatch",
      outcome: hold ? "held" : "resent",
      status: hold ? "dispatched" : null,
      reason: "ambiguous_send",
      attempt: command.attempt,
      provider,
    }),
  );
  if (hold) scheduleDeadline(context, command, provider, policy);
  return hold;
};

const claimKey = (command: DispatchCommand): string => `claim:${command.messageId}:${command.attempt}`;

const tryAgainAt = (command: DispatchCommand, dueAtMs: number, context: Context): undefined => {
  context.schedule("dispatch", command, { id: `again:${command.messageId}:${command.attempt}`, dueAtMs });
};

/** What is recorded with a claim: the call, or why none was made. */
type ClaimRecord = Call | { readonly unsent: "expired" | "superseded" };

const recordOf = (outcome: string): ClaimRecord => JSON.parse(outcome) as ClaimRecord;

/** Attempts of this process: those in hand, and those that were claimed and then not made. */
class OwnAttempts {
  /** A copy that comes by another partition must not take this process's own claim over. */
  readonly inHand = new Set<string>();
  private readonly unused = new Set<string>();

  /** Notes that this process holds the claim and has not called the provider. */
  leaveUnused(key: string): void {
    if (this.unused.size >= mostUnused) this.unused.clear(); // forgotten ones count as ambiguous
    this.unused.add(key);
  }

  takeUnused(key: string): boolean {
    return this.unused.delete(key);
  }
}

const mostUnused = 10_000;

/** Claims the attempt, and keeps the message for its receipts meanwhile. */
const claimAttempt = async (
  command: DispatchCommand,
  context: Context,
  { claims, cache, codec, policy }: DispatchDependencies,
  own: OwnAttempts,
): Promise<Claim> => {
  const key = claimKey(command);
  const keepMs = keepMsOf(command, policy, context.now());
  const [claimed, kept] = await Promise.allSettled([
    claims.claim(key, context.instance, leaseMsOf(policy), keepMs),
    cache.put(command.messageId, codec.encode(command), keepMs),
  ]);
  if (claimed.status === "rejected") throw claimed.reason;
  const claim = claimed.value;
  // nobody had it between: what this process did not use, nobody did
  const ownUnused = own.takeUnused(key) && claim.state === "taken_over" && claim.from === context.instance;
  const won: Claim = claim.state === "won" || ownUnused ? { state: "won" } : claim;
  if (kept.status === "rejected") {
    if (won.state === "won") own.leaveUnused(key);
    throw kept.reason;
  }
  return won;
};

const recordUnsent = (
  command: DispatchCommand,
  unsent: "expired" | "superseded",
  context: Context,
  { claims, policy }: DispatchDependencies,
): Promise<string> => claims.complete(claimKey(command), JSON.stringify({ unsent }), keepMsOf(command, policy, context.now()));

const expireUnsent = async (command: DispatchCommand, context: Context, dependencies: DispatchDependencies): Promise<undefined> => {
  const { claims, policy } = dependencies;
  await recordUnsent(command, "expired", context, dependencies);
  await conclude(context, claims, policy.keepMs, {
    subject: command,
    stage: "dispatch",
    status: "expired",
    reason: "expired_before_send",
    attempt: command.attempt - 1,
    provider: null,
    responseId: null,
    cause: `dispatch:${command.attempt}`,
  });
};

const attempt = async (
  command: DispatchCommand,
  context: Context,
  dependencies: DispatchDependencies,
  own: OwnAttempts,
): Promise<Verdict | undefined> => {
  const { claims, policy, providers } = dependencies;
  const key = claimKey(command);
  const claimedAtMs = context.now();
  const claim = await claimAttempt(command, context, dependencies, own);
  if (claim.state === "held") return tryAgainAt(command, claim.leaseEndsAtMs, context);
  const record = claim.state === "done" ? recordOf(claim.outcome) : undefined;
  if (record && "outcome" in record) return tell(command, record, context, dependencies);
  const expired = command.expiresAt <= context.now();
  if (claim.state === "taken_over" && holdsAmbiguous(command, expired, context, dependencies)) return undefined;
  if (expired || record) return expireUnsent(command, context, dependencies);
  // a worker that was stopped here and woken later must not send: by now the claim may be another's
  if (context.now() - claimedAtMs > leaseMarginMs) {
    if (claim.state === "won") own.leaveUnused(key);
    throw new CarillonError("LEASE_LOST", `the claim of ${command.messageId} was not used in time`);
  }
  const at = context.now();
  const outcome = await callProvider(providers[command.channel], command);
  const call: Call = { outcome, at, tookMs: context.now() - at };
  // a worker that was stopped here may find that another took the claim over and recorded its own call: that one stands
  const stands = recordOf(await claims.complete(key, JSON.stringify(call), keepMsOf(command, policy, context.now())));
  return tell(command, "outcome" in stands ? stands : call, context, dependencies);
};

/**
 * The message has ended already. What came of this attempt may not have been told yet: a worker may have ended after
 * the provider took it, and its receipt come before the command did again.
 */
const tellAfterTheEnd = async (
  command: DispatchCommand,
  context: Context,
  dependencies: DispatchDependencies,
): Promise<Verdict | undefined> => {
  const { claims, policy, providers } = dependencies;
  const keepMs = keepMsOf(command, policy, context.now());
  const claim = await claims.claim(claimKey(command), context.instance, leaseMsOf(policy), keepMs);
  if (claim.state === "held") return tryAgainAt(command, claim.leaseEndsAtMs, context);
  if (claim.state === "won") await recordUnsent(command, "superseded", context, dependencies);
  const record = claim.state === "done" ? recordOf(claim.outcome) : undefined;
  if (record && "outcome" in record) return tell(command, record, context, dependencies);
  // what ended it may have been this very command, and not been told yet
  if (record?.unsent === "expired") return expireUnsent(command, context, dependencies);
  const provider = providers[command.channel].name;
  const found =
    claim.state === "taken_over"
      ? { outcome: "held", reason: "ambiguous_send", details: { note: "not sent again: the message had ended" } }
      : { outcome: "superseded", reason: null, details: { note: "not sent: the message had ended" } };
  context.emit("lineage", lineageOf(context, command, { stage: "dispatch", attempt: command.attempt, provider, ...found }));
  return undefined;
};

/**
 * Makes one attempt: claims it, calls the provider, records and tells what came of it. What the provider's answer settles
 * goes on to retry and feedback at once; where a receipt is to come, it ends here.
 */
export const createDispatch = (dependencies: DispatchDependencies): Stage<DispatchCommand, Verdict, DispatchPorts> => {
  const { claims, policy } = dependencies;
  const own = new OwnAttempts();
  const process = async (command: DispatchCommand, context: Context): Promise<Verdict | undefined> => {
    const key = claimKey(command);
    if (own.inHand.has(key)) return tryAgainAt(command, context.now() + leaseMsOf(policy), context);
    own.inHand.add(key);
    try {
      // before the first attempt nothing but its expiry can have ended it; what was done already its claim tells
      const mayHaveEnded = command.attempt > 1;
      if (mayHaveEnded && (await claims.decided(finalKey(command.messageId)))) return await tellAfterTheEnd(command, context, dependencies);
      return await attempt(command, context, dependencies, own);
    } finally {
      own.inHand.delete(key);
    }
  };
  return { name: "dispatch", ports: ["receipts", "dispatch", "lineage", "feedback"], process };
};
