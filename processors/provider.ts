import type { MaybePromise } from "../engine/stage.js";
import { CarillonError, messageOf } from "../schemas/errors.js";
import type { Channel, DispatchCommand } from "../schemas/generated.js";
import type { Reason } from "../schemas/reasons.js";
import type { Reading } from "./reading.js";

/** What was said to a provider and what it answered, for people to read. */
export interface Exchange {
  readonly said: string;
  readonly answered: string;
}

/** What came of one call of a provider. */
export type SendOutcome = {
  /** What was said and answered, without recipient, content and secrets. */
  readonly exchange?: string;
} /** Taken; a receipt tells the rest. */ & (
  | {
      readonly kind: "accepted";
      readonly responseId: string;
      /** Further ids under which receipts can come: those of an SMS's other parts. */
      readonly alsoIds?: readonly string[];
    }
  /** Delivered as far as anybody will ever say. */
  | { readonly kind: "delivered"; readonly responseId: string | null; readonly detail?: string }
  | {
      readonly kind: "permanent_failure" | "temporary_failure" | "throttled" | "ambiguous";
      readonly reason: Reason;
      /** The provider's own words. */
      readonly detail: string;
      readonly retryAfterMs?: number;
      /** Throttled for this recipient alone; else the account is, and retryAfterMs holds for all its messages. */
      readonly ofRecipient?: true;
      /** No call was made: the outcome says nothing about the provider. */
      readonly notSent?: true;
    }
);

/** What a rejected call means: a message of which no request can be made fails for good; any other rejection is ambiguous. */
export const outcomeOfRejection = (thrown: unknown): SendOutcome =>
  thrown instanceof CarillonError && thrown.code === "UNSENDABLE"
    ? { kind: "permanent_failure", reason: "invalid_content", detail: messageOf(thrown), notSent: true }
    : { kind: "ambiguous", reason: "provider_unavailable", detail: messageOf(thrown) };

export interface SendContext {
  /** The same for one attempt, for providers that take an idempotency token. */
  readonly idempotencyToken: string;
  /** Aborted at the deadline of the call. */
  readonly signal?: AbortSignal;
  /** Called before a connection is looked for, and when the first byte of the request leaves: a deadline between the two sent nothing. */
  readonly progress?: (state: "connecting" | "sending") => void;
  /** Notes what was said and answered; it is masked before it is kept. */
  readonly note?: (exchange: Exchange) => void;
}

/** Asks a provider for receipts of attempts that it took. */
export interface Pull {
  /** Most ids in one question. */
  readonly mostIds: number;
  /** What is known of these; nothing about those that are still on their way. Rejects when the provider cannot be asked now. */
  ask(responseIds: readonly string[], signal: AbortSignal): Promise<readonly Reading[]>;
}

/** Receipts that a provider keeps in a log of its own, in order, read page by page. */
export interface ReceiptLog {
  /** The lines after the cursor; undefined: from about now. A line that is read twice does no harm. Rejects when the log cannot be read now. */
  next(
    cursor: string | undefined,
    signal: AbortSignal,
  ): Promise<{ readonly lines: readonly Buffer[]; readonly cursor: string; readonly more: boolean }>;
}

/** What sends messages of a channel. Failures are outcomes; a rejection counts as ambiguous, unless its code is UNSENDABLE. */
export interface Provider {
  readonly name: string;
  readonly channel: Channel;
  send(command: DispatchCommand, context: SendContext): MaybePromise<SendOutcome>;
  /** Calls that it makes at once, where it has no more connections: further ones would spend their deadlines waiting within it. */
  readonly mostAtOnce?: number;
  /** Present where the provider can be asked afterwards. */
  readonly pull?: Pull;
  /** Present where the provider keeps its receipts in a log. */
  readonly receiptLog?: ReceiptLog;
  /**
   * Makes a device reachable by the token that its platform issued; resolves with the recipient to write to. The first
   * tenant that registers a device keeps it; undefined: an operator, who may register any. Rejects FORBIDDEN for the
   * device of another tenant, UNSENDABLE for a platform or token that is unknown.
   */
  enable?(platform: string, token: string, tenant: string | undefined): Promise<string>;
  /** Sends a second that the account may make, where the provider tells. */
  sendRate?(): Promise<number | undefined>;
  /** What can be reached and what is wrong, for `carillon doctor`. Rejects with the reason. */
  check(): Promise<string>;
  close(): Promise<void>;
}
