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
  Math.max(command.expiresAt - nowMs, 0) + policy.channels[command.channel].receiptDeadlineMs + policy.stateRetentionMs;

/** Attempts beyond these count as ambiguous if they are repeated. */
const mostNonces = 10_000;

/** Attempts of this process: in flight, or claimed and not made yet. */
export class OwnAttempts {
  /** Keys of attempts in flight. A copy of the command on another partition must not take over this process's own claim. */
  readonly inHand = new Set<string>();
  /** Attempts in flight whose call continues detached from their partition. */
  readonly detached = new Set<string>();
  private readonly nonces = new Map<string, string>();
  private count = 0;

  /** `run` differs for each run of a process. */
  constructor(private readonly run: string) {}

  /**
   * The nonce of this process's claim of the attempt: the same until the attempt is settled. So a claim is repeated, not taken over, if its
   * answer was lost, or if the attempt could not be made.
   */
  nonceOf(key: string): string {
    const known = this.nonces.get(key);
    if (known !== undefined) return known;
    this.count += 1;
    const nonce = `${this.run}${this.count.toString(36)}`;
    if (this.nonces.size >= mostNonces) this.nonces.delete(this.nonces.keys().next().value ?? "");
    this.nonces.set(key, nonce);
    return nonce;
  }

  /** The attempt is made now, or it will not be made. A later claim of it is another one. */
  settle(key: string): void {
    this.nonces.delete(key);
  }
}

/** Who claims an attempt, and when. */
export interface Claimant {
  readonly instance: string;
  readonly nowMs: number;
  /** Of this claim, as `OwnAttempts` gives it. */
  readonly nonce: string;
  /** The bytes that the command was decoded from. */
  readonly stored: Buffer | null;
}

/** An attempt whose worker ended is repeated at once this many times. */
const mostRepeats = 2;

/**
 * Whether the attempt was repeated too often after its workers had ended. The message itself may be what ends them, so the attempt counts
 * as made, with an unknown outcome, and the limits of retries apply.
 */
export function* isRepeatedTooOften(
  command: DispatchCommand,
  { instance, nowMs, nonce }: Pick<Claimant, "instance" | "nowMs" | "nonce">,
  { claims, policy }: Pick<ClaimDependencies, "claims" | "policy">,
): Asking<boolean> {
  const [value, ttlMs] = [`${instance} ${nonce}`, keepMsOf(command, policy, nowMs)];
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

/** Claims the attempt, and meanwhile caches the message for its receipts. */
export function* claimAttempt(
  command: DispatchCommand,
  { instance, nowMs, nonce, stored }: Claimant,
  { claims, cache, codec, policy }: ClaimDependencies,
): Asking<Claim> {
  const key = keys.claims.attempt(command);
  const keepMs = keepMsOf(command, policy, nowMs);
  const [claimed, kept] = yield* askBoth(
    [claims.claimAll, { key, owner: instance, leaseMs: leaseMsOf(policy), ttlMs: keepMs, nonce }],
    [cache.putAll, { messageId: command.messageId, value: codec.encodeAgain(command, stored), ttlMs: keepMs }],
  );
  if (claimed.status === "rejected") throw claimed.reason;
  if (kept.status === "rejected") throw kept.reason;
  return claimed.value;
}
