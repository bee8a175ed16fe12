import type { Limits } from "../client/check-message.js";
import type { Channel, Lane } from "../schemas/generated.js";

/** When and how often an attempt is made again: data, not code. Milliseconds throughout. */
export interface RetryPolicy {
  readonly baseMs: number;
  readonly factor: number;
  readonly maxDelayMs: number;
  /** Share of the delay that chance may add on top; it never shortens. */
  readonly jitter: number;
  readonly maxAttempts: number;
  /** No attempt later than this after acceptance. */
  readonly maxAgeMs: number;
}

export interface ChannelPolicy {
  readonly from: string | null;
  /** Messages without expiresAt expire after this. */
  readonly expiresAfterMs: number;
  /** How long a provider may stay silent before the message is closed as expired. */
  readonly receiptDeadlineMs: number;
  readonly retry: RetryPolicy;
}

export interface LanePolicy {
  /** What to do when a worker ended between claim and outcome: send again, or hold for a receipt. */
  readonly onAmbiguous: "resend" | "hold";
}

export interface DeliveryPolicy {
  readonly limits: Limits;
  readonly channels: Readonly<Record<Channel, ChannelPolicy>>;
  readonly lanes: Readonly<Record<Lane, LanePolicy>>;
  /** How long claims, references and messages are kept beyond their use. */
  readonly keepMs: number;
  /** How long one call of a provider may take. */
  readonly sendTimeoutMs: number;
  /** Delays after which a receipt that came before its send's record is tried again. */
  readonly earlyReceiptWaitsMs: readonly number[];
}
