import type { Channel, DispatchCommand } from "../schemas/generated.js";
import type { Reason } from "../schemas/reasons.js";

/** What came of one call of a provider. */
export type SendOutcome =
  /** Taken; a receipt tells the rest. */
  | { readonly kind: "accepted"; readonly responseId: string }
  /** Delivered as far as anybody will ever say. */
  | { readonly kind: "delivered"; readonly responseId: string | null; readonly detail?: string }
  | {
      readonly kind: "permanent_failure" | "temporary_failure" | "throttled" | "ambiguous";
      readonly reason: Reason;
      /** The provider's own words. */
      readonly detail: string;
      readonly retryAfterMs?: number;
    };

export interface SendContext {
  /** The same for one attempt, for providers that take an idempotency token. */
  readonly idempotencyToken: string;
  /** Aborted at the deadline of the call. */
  readonly signal?: AbortSignal;
}

/** A way out. Failures are outcomes; a rejection counts as ambiguous. */
export interface Provider {
  readonly name: string;
  readonly channel: Channel;
  send(command: DispatchCommand, context: SendContext): Promise<SendOutcome>;
  /** What can be reached and what is wrong, for `carillon doctor`. Rejects with the reason. */
  check(): Promise<string>;
  close(): Promise<void>;
}
