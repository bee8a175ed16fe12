import { type Asking, askBoth } from "../engine/ask.js";
import type { Codec } from "../schemas/codec.js";
import type { DispatchCommand } from "../schemas/generated.js";
import type { Claim, Claims } from "../stores/claims/claims.js";
import { keys } from "../stores/keys.js";
import type { MessageCache } from "../stores/message-cache/message-cache.js";
import type { DeliveryPolicy } from "./policy.js";
import type { SendOutcome } from "./provider.js";

/** One call of a provider: what is recorded with its claim. */
export interface Call {
  /** Who was called. */
  readonly provider: string;
  readonly outcome: SendOutcome;
  /** When the provider was called: a receipt can come before its answer is recorded, never before the call. */
  readonly at: number;
  readonly tookMs: number;
}

/** What is recorded with a claim: the call, or why none was made. */
export type ClaimRecord = Call | { readonly unsent: "expired" | "superseded" };

export const recordOf = (outcome: string): ClaimRecord => JSON.parse(outcome) as ClaimRecord;

/** What is recorded with the claim of an attempt that was not made. */
export const unsentRecord = (unsent: "expired" | "superseded"): string => JSON.stringify({ unsent } satisfies ClaimRecord);

/** A claim outlives the call that it guards by this much. */
export const leaseMarginMs = 5_000;

export const leaseMsOf = ({ sendTimeoutMs }: DeliveryPolicy): number => sendTimeoutMs + leaseMarginMs;

/** How long what is known of a message is kept. */
export const keepMsOf = (command: DispatchCommand, policy: DeliveryPolicy, nowMs: number): number =>
  Math.max(command.expiresAt - nowMs, 0) + policy.channels[command.channel].receiptDeadlineMs + policy.keepMs;

const mostUnused = 10_000;

/** Attempts of this process: those in hand, and those that were claimed and then not made. */
export class OwnAttempts {
  /** A copy that comes by another partition must not take this process's own claim over. */
  readonly inHand = new Set<string>();
  /** Those in hand whose call is waited for beside their partition. */
  readonly detached = new Set<string>();
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

export interface ClaimDependencies {
  readonly claims: Claims;
  readonly cache: MessageCache;
  readonly codec: Codec<DispatchCommand>;
  readonly policy: DeliveryPolicy;
}

/** Claims the attempt, and keeps the message for its receipts meanwhile. */
export function* claimAttempt(
  command: DispatchCommand,
  { instance, nowMs }: { readonly instance: string; readonly nowMs: number },
  { claims, cache, codec, policy }: ClaimDependencies,
  own: OwnAttempts,
): Asking<Claim> {
  const key = keys.claims.attempt(command);
  const keepMs = keepMsOf(command, policy, nowMs);
  const [claimed, kept] = yield* askBoth(
    [claims.claimAll, { key, owner: instance, leaseMs: leaseMsOf(policy), ttlMs: keepMs }],
    [cache.putAll, { messageId: command.messageId, value: codec.encode(command), ttlMs: keepMs }],
  );
  if (claimed.status === "rejected") throw claimed.reason;
  const claim = claimed.value;
  // nobody had it between: what this process did not use, nobody did
  const ownUnused = own.takeUnused(key) && claim.state === "taken_over" && claim.from === instance;
  const won: Claim = claim.state === "won" || ownUnused ? { state: "won" } : claim;
  if (kept.status === "rejected") {
    if (won.state === "won") own.leaveUnused(key);
    throw kept.reason;
  }
  return won;
}
