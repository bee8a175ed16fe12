import type { Limits } from "../client/limits.js";
import type { Channel, Lane } from "../schemas/generated.js";
import type { BucketShape } from "../stores/buckets/buckets.js";

/** When and how often an attempt is repeated, as data. Times are in milliseconds. */
export interface RetryPolicy {
  readonly baseMs: number;
  readonly factor: number;
  readonly maxDelayMs: number;
  /** Largest random addition, as a fraction of the delay. It never shortens the delay. */
  readonly jitter: number;
  readonly maxAttempts: number;
  /** No attempt is made later than this after the message was due. */
  readonly maxAgeMs: number;
}

/** Kinds of failure that can be retried, each with its own policy. */
export type RetryKind = "temporary_failure" | "throttled" | "ambiguous";

/** The differences for each kind of failure. */
export type RetryByKind = Readonly<Partial<Record<RetryKind, Partial<RetryPolicy>>>>;

/** A message's sender, by its tenant and its recipient's prefix. */
export interface Sender {
  readonly tenant: string | null;
  readonly prefix: string;
  readonly from: string;
}

export interface ChannelPolicy {
  readonly from: string | null;
  /** For messages without a sender: the best match applies, else `from`. */
  readonly senders: readonly Sender[];
  /** Further senders that a message may name. */
  readonly allowSenders: readonly AllowedSender[];
  /** Messages without expiresAt expire after this. */
  readonly expiresAfterMs: number;
  /** How long to wait for a receipt before the message ends as expired. */
  readonly receiptDeadlineMs: number;
  readonly retry: RetryPolicy;
  readonly retryBy: RetryByKind;
}

/** The differences for one provider. */
export interface ProviderPolicy {
  readonly retry: Partial<RetryPolicy>;
  readonly retryBy: RetryByKind;
  readonly prices: readonly Price[];
}

export interface LanePolicy {
  /** What to do if a worker ended between claim and outcome: send again, or hold for a receipt. */
  readonly onAmbiguous: "resend" | "hold";
}

export interface DeliveryPolicy {
  readonly limits: Limits;
  readonly channels: Readonly<Record<Channel, ChannelPolicy>>;
  readonly lanes: Readonly<Record<Lane, LanePolicy>>;
  readonly providers: Readonly<Record<string, ProviderPolicy>>;
  /** Critical messages per second for each tenant; the rest uses `high`. Null: unlimited. */
  readonly criticalQuota: BucketShape | null;
  /** How much longer claims, references and messages are kept than they are needed. */
  readonly stateRetentionMs: number;
  /** Timeout of one call of a provider. */
  readonly sendTimeoutMs: number;
  /** After this time a call continues detached from its partition. */
  readonly detachAfterMs: number;
  /** Delays before a receipt that arrived before its send's record is tried again. */
  readonly earlyReceiptRetryDelaysMs: readonly number[];
  /** Longest pause that a provider can request. */
  readonly maxRetryAfterMs: number;
}

/** The policy for one failed attempt: the channel's, changed by the kind's, the provider's, and that for both together. */
export const retryPolicyOf = (policy: DeliveryPolicy, channel: Channel, provider: string, kind: RetryKind): RetryPolicy => {
  const { retry, retryBy } = policy.channels[channel];
  const own = Object.hasOwn(policy.providers, provider) ? policy.providers[provider] : undefined;
  return { ...retry, ...retryBy[kind], ...own?.retry, ...own?.retryBy[kind] };
};

/** The sender for a message that names none: the first of the tenant's own, else one of the configuration. Of all matches, one for its tenant comes first, then the one with the longest prefix. */
export const senderOf = (
  { from, senders }: ChannelPolicy,
  tenant: string,
  to: string,
  ofTenant?: readonly string[] | undefined,
): string | null => {
  if (ofTenant?.[0] !== undefined) return ofTenant[0];
  const weightOf = (sender: Sender): number => (sender.tenant === null ? 0 : 1_000) + sender.prefix.length;
  const [best] = senders
    .filter((sender) => (sender.tenant === null || sender.tenant === tenant) && to.startsWith(sender.prefix))
    .sort((one, other) => weightOf(other) - weightOf(one));
  return best?.from ?? from;
};

/** A sender that a tenant's messages may name: one sender, `@domain` for all of its addresses, or `*` for any. */
export interface AllowedSender {
  /** Null: every tenant. */
  readonly tenant: string | null;
  readonly from: string;
}

/** A provider's price, by the recipient's prefix. */
export interface Price {
  /** The recipient's prefix; empty: all recipients. */
  readonly prefix: string;
  /** credit: a number of a prepaid account's credits; per_message: an amount of money. */
  readonly mode: "credit" | "per_message";
  /** Per message, or per part of an SMS. */
  readonly amount: number;
  /** ISO 4217, for per_message. */
  readonly currency: string | null;
}
