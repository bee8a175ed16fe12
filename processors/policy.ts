import type { Limits } from "../client/limits.js";
import type { Channel, Lane } from "../schemas/generated.js";
import type { BucketShape } from "../stores/buckets/buckets.js";

/** When and how often an attempt is made again: data, not code. Milliseconds throughout. */
export interface RetryPolicy {
  readonly baseMs: number;
  readonly factor: number;
  readonly maxDelayMs: number;
  /** Share of the delay that chance may add on top; it never shortens. */
  readonly jitter: number;
  readonly maxAttempts: number;
  /** No attempt later than this after the message was due. */
  readonly maxAgeMs: number;
}

/** Kinds of failure that can be retried, each in its own way. */
export type RetryKind = "temporary_failure" | "throttled" | "ambiguous";

/** What is different for one kind of failure. */
export type RetryByKind = Readonly<Partial<Record<RetryKind, Partial<RetryPolicy>>>>;

/** Who a message is from, by whose it is and how its recipient begins. */
export interface Sender {
  readonly tenant: string | null;
  readonly prefix: string;
  readonly from: string;
}

export interface ChannelPolicy {
  readonly from: string | null;
  /** Where a message names no sender: the one that fits best, else `from`. */
  readonly senders: readonly Sender[];
  /** Senders that a message may name besides these. */
  readonly allowSenders: readonly AllowedSender[];
  /** Messages without expiresAt expire after this. */
  readonly expiresAfterMs: number;
  /** How long a provider may stay silent before the message is closed as expired. */
  readonly receiptDeadlineMs: number;
  readonly retry: RetryPolicy;
  readonly retryBy: RetryByKind;
}

/** What is particular to a provider. */
export interface ProviderPolicy {
  readonly retry: Partial<RetryPolicy>;
  readonly retryBy: RetryByKind;
  readonly prices: readonly Price[];
}

export interface LanePolicy {
  /** What to do when a worker ended between claim and outcome: send again, or hold for a receipt. */
  readonly onAmbiguous: "resend" | "hold";
}

export interface DeliveryPolicy {
  readonly limits: Limits;
  readonly channels: Readonly<Record<Channel, ChannelPolicy>>;
  readonly lanes: Readonly<Record<Lane, LanePolicy>>;
  readonly providers: Readonly<Record<string, ProviderPolicy>>;
  /** How many critical messages a second each tenant may have; the rest goes by `high`. Null: any number. */
  readonly criticalQuota: BucketShape | null;
  /** How long claims, references and messages are kept beyond their use. */
  readonly keepMs: number;
  /** How long one call of a provider may take. */
  readonly sendTimeoutMs: number;
  /** After this a call is waited for beside its partition. */
  readonly detachAfterMs: number;
  /** Delays after which a receipt that came before its send's record is tried again. */
  readonly earlyReceiptWaitsMs: readonly number[];
  /** Longest pause that a provider gets by asking for it. */
  readonly maxRetryAfterMs: number;
}

/** The policy for one failed attempt: the channel's, then what the kind, the provider, and both together change of it. */
export const retryPolicyOf = (policy: DeliveryPolicy, channel: Channel, provider: string, kind: RetryKind): RetryPolicy => {
  const { retry, retryBy } = policy.channels[channel];
  const own = Object.hasOwn(policy.providers, provider) ? policy.providers[provider] : undefined;
  return { ...retry, ...retryBy[kind], ...own?.retry, ...own?.retryBy[kind] };
};

/** The sender of a message that names none: of those that fit, the one for its tenant, then the one with the longest prefix. */
export const senderOf = ({ from, senders }: ChannelPolicy, tenant: string, to: string): string | null => {
  const weightOf = (sender: Sender): number => (sender.tenant === null ? 0 : 1_000) + sender.prefix.length;
  const [best] = senders
    .filter((sender) => (sender.tenant === null || sender.tenant === tenant) && to.startsWith(sender.prefix))
    .sort((one, other) => weightOf(other) - weightOf(one));
  return best?.from ?? from;
};

/** A sender that a tenant's messages may name: the sender itself, `@domain` for all of its addresses, or `*` for any. */
export interface AllowedSender {
  /** Null: of every tenant. */
  readonly tenant: string | null;
  readonly from: string;
}

/** What a provider charges, by how recipients begin. */
export interface Price {
  /** What the recipient begins with; empty: everybody. */
  readonly prefix: string;
  /** credit: so many of a prepaid account's credits; per_message: money. */
  readonly mode: "credit" | "per_message";
  /** For each message, or each part of an SMS. */
  readonly amount: number;
  /** ISO 4217, for per_message. */
  readonly currency: string | null;
}
