import { type Asking, ask, askBoth } from "../engine/ask.js";
import type { Codec } from "../schemas/codec.js";
import type { DispatchCommand } from "../schemas/generated.js";
import type { Claim, Claims } from "../stores/claims/claims.js";
import { keys } from "../stores/keys.js";
import type { MessageCache } from "../stores/message-cache/message-cache.js";
import type { DeliveryPolicy } from "./policy.js";
import type { SendOutcome } from "./provider.js";

/** One call of a provider, as recorded with its claim. */
export interface Call {
  /** Name of the provider that was called. */
  readonly provider: string;
  readonly outcome: SendOutcome;
  /** When the provider was called. A receipt can arrive before the call's answer is recorded, but never before the call. */
  readonly at: number;
  readonly tookMs: number;
}

/** The record of a claim: the call, or why none was made. */
export type ClaimRecord = Call | { readonly unsent: "expired" | "superseded" };

export const recordOf = (outcome: string): ClaimRecord => JSON.parse(outcome) as ClaimRecord;

/** The record for the claim of an attempt that was not made. */
export const unsentRecord = (unsent: "expired" | "superseded"): string => JSON.stringify({ unsent } satisfies ClaimRecord);

/** How much longer a claim lasts than the call that it guards. */
export const leaseMarginMs = 5_000;

export const leaseMsOf = ({ sendTimeoutMs }: DeliveryPolicy): number => sendTimeoutMs + leaseMarginMs;

/** How long data about a message is kept. */
export const keepMsOf = (command: DispatchCommand, policy: DeliveryPolicy, nowMs: number): number =>
  Math.max(command.expiresAt - nowMs, 0) + policy.channels[command.channel].receiptDeadlineMs + policy.keepMs;

const mostUnused = 10_000;

/** Attempts of this process: in flight, or claimed and then not made. */
export class OwnAttempts {
  /** Keys of attempts in flight. A copy of the command on another partition must not take over this process's own claim. */
  readonly inHand = new Set<string>();
  /** Attempts in flight whose call continues detached from their partition. */
  readonly detached = new Set<string>();
  private readonly unused = new Set<string>();

  /** Records that this process holds the claim and has not called the provider. */
  leaveUnused(key: string): void {
    if (this.unused.size >= mostUnused) this.unused.clear(); // forgotten attempts count as ambiguous
    this.unused.add(key);
  }

  takeUnused(key: string): boolean {
    return this.unused.delete(key);
  }
}

/** An attempt whose worker ended is repeated at once this many times. */
const mostRepeats = 2;

/**
 * Whether the attempt was repeated too often after its workers had ended. The message itself may be what ends them, so the attempt counts
 * as made, with an unknown outcome, and the limits of retries apply.
 */
export function* isRepeatedTooOften(
  command: DispatchCommand,
  { instance, nowMs }: { readonly instance: string; readonly nowMs: number },
  { claims, policy }: Pick<ClaimDependencies, "claims" | "policy">,
): Asking<boolean> {
  const [value, ttlMs] = [`${instance} ${nowMs}`, keepMsOf(command, policy, nowMs)];
  for (let count = 1; count <= mostRepeats; count += 1) {
    const first = yield* ask(claims.decideAll, { key: keys.claims.takeover(command, count), value, ttlMs });
    if (first === value) return false;
  }
  return true;
}

export interface ClaimDependencies {
  readonly claims: Claims;
  readonly cache: MessageCache;
  readonly codec: Codec<DispatchCommand>;
  readonly policy: DeliveryPolicy;
}

/** Claims the attempt, and meanwhile caches the message for its receipts. `stored`: the bytes that the command was decoded from. */
export function* claimAttempt(
  command: DispatchCommand,
  { instance, nowMs, stored }: { readonly instance: string; readonly nowMs: number; readonly stored: Buffer | null },
  { claims, cache, codec, policy }: ClaimDependencies,
  own: OwnAttempts,
): Asking<Claim> {
  const key = keys.claims.attempt(command);
  const keepMs = keepMsOf(command, policy, nowMs);
  const [claimed, kept] = yield* askBoth(
    [claims.claimAll, { key, owner: instance, leaseMs: leaseMsOf(policy), ttlMs: keepMs }],
    [cache.putAll, { messageId: command.messageId, value: codec.encodeAgain(command, stored), ttlMs: keepMs }],
  );
  if (claimed.status === "rejected") throw claimed.reason;
  const claim = claimed.value;
  // the claim had no owner in between, so an attempt that this process did not make was not made at all
  const ownUnused = own.takeUnused(key) && claim.state === "taken_over" && claim.from === instance;
  const won: Claim = claim.state === "won" || ownUnused ? { state: "won" } : claim;
  if (kept.status === "rejected") {
    if (won.state === "won") own.leaveUnused(key);
    throw kept.reason;
  }
  return won;
}
