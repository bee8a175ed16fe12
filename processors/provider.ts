import type { MaybePromise } from "../engine/stage.js";
import { CarillonError, messageOf } from "../schemas/errors.js";
import type { Channel, DispatchCommand } from "../schemas/generated.js";
import type { Reason } from "../schemas/reasons.js";
import type { Reading } from "./reading.js";

/** The text of a request and of its answer, for operators. */
export interface Exchange {
  readonly request: string;
  readonly response: string;
}

/** The outcome of one call of a provider. */
export type SendOutcome = {
  /** Request and answer, without recipient, content and secrets. */
  readonly exchange?: string;
} /** accepted; a receipt follows */ & (
  | {
      readonly kind: "accepted";
      readonly providerMessageId: string;
      /** Further ids under which receipts can arrive: those of an SMS's other parts. */
      readonly additionalProviderMessageIds?: readonly string[];
    }
  /** Delivered, and no receipt will follow. */
  | { readonly kind: "delivered"; readonly providerMessageId: string | null; readonly detail?: string }
  | {
      readonly kind: "permanent_failure" | "temporary_failure" | "throttled" | "ambiguous";
      readonly reason: Reason;
      /** The provider's own words. */
      readonly detail: string;
      readonly retryAfterMs?: number;
      /** Throttled only for this recipient; otherwise the account is, and retryAfterMs applies to all its messages. */
      readonly ofRecipient?: true;
      /** No call was made, so the outcome implies nothing about the provider. */
      readonly notSent?: true;
      /** This process was stalled during the call, so the provider's silence implies nothing about the provider. */
      readonly stalled?: true;
    }
);

/** Classifies a rejected call: a message for which no request can be built fails permanently; any other rejection is ambiguous. */
export const outcomeOfRejection = (thrown: unknown): SendOutcome =>
  thrown instanceof CarillonError && thrown.code === "UNSENDABLE"
    ? { kind: "permanent_failure", reason: "invalid_content", detail: messageOf(thrown), notSent: true }
    : { kind: "ambiguous", reason: "provider_unavailable", detail: messageOf(thrown) };

const textOf = (value: unknown): string => (typeof value === "string" ? JSON.stringify(value.slice(0, 100)) : typeof value);

/** Describes a provider's result that is no outcome; undefined if it is one. Does not repeat its content, which may be personal. */
const problemOf = (result: unknown): string | undefined => {
  if (typeof result !== "object" || result === null) return `${result === null ? "null" : typeof result} instead of an outcome`;
  const { kind, providerMessageId, reason, detail } = result as Readonly<Record<string, unknown>>;
  switch (kind) {
    case "accepted":
      return typeof providerMessageId === "string" ? undefined : "an accepted outcome without a providerMessageId";
    case "delivered":
      return typeof providerMessageId === "string" || providerMessageId === null
        ? undefined
        : "a delivered outcome whose providerMessageId is neither text nor null";
    case "permanent_failure":
    case "temporary_failure":
    case "throttled":
    case "ambiguous":
      return typeof reason === "string" && typeof detail === "string"
        ? undefined
        : `an outcome of kind ${textOf(kind)} without reason or detail`;
    default:
      return `an outcome of unknown kind: ${textOf(kind)}`;
  }
};

/** The outcome that a provider's call resolved with. Any other value leaves unknown whether the message was sent, so it is ambiguous. */
export const outcomeOfResult = (provider: string, result: unknown): SendOutcome => {
  const problem = problemOf(result);
  if (problem === undefined) return result as SendOutcome;
  return { kind: "ambiguous", reason: "provider_unavailable", detail: `${provider} returned ${problem}` };
};

export interface SendContext {
  /** The same for all calls of one attempt, for providers that support an idempotency token. */
  readonly idempotencyToken: string;
  /** Aborts at the deadline of the call. */
  readonly signal?: AbortSignal;
  /**
   * Called before the connection is opened, and when the first byte of the request is sent: a deadline between the two means that nothing
   * was sent.
   */
  readonly progress?: (state: "connecting" | "sending") => void;
  /** Records request and answer. They are masked before they are stored. */
  readonly note?: (exchange: Exchange) => void;
}

/** Queries a provider for receipts of attempts that it accepted. */
export interface Pull {
  /** Most ids in one query. */
  readonly maxIds: number;
  /** The available receipts; none for messages still in transit. Rejects if the provider cannot be queried now. */
  fetchReceipts(providerMessageIds: readonly string[], signal: AbortSignal): Promise<readonly Reading[]>;
}

/** Receipts that a provider keeps in its own log, read in order and page by page. */
export interface ReceiptLog {
  /** The lines after the cursor; undefined: from about now. Reading a line twice is harmless. Rejects if the log cannot be read now. */
  next(
    cursor: string | undefined,
    signal: AbortSignal,
  ): Promise<{ readonly lines: readonly Buffer[]; readonly cursor: string; readonly more: boolean }>;
}

/** Sends messages of a channel. Failures are outcomes. A rejection counts as ambiguous, unless its code is UNSENDABLE. */
export interface Provider {
  readonly name: string;
  readonly channel: Channel;
  send(command: DispatchCommand, context: SendContext): MaybePromise<SendOutcome>;
  /** Most concurrent calls, if the provider's connections are limited: further calls would spend their deadlines waiting. */
  readonly maxConcurrency?: number;
  /** Present if the provider can be queried for receipts. */
  readonly pull?: Pull;
  /** Present if the provider keeps its receipts in a log. */
  readonly receiptLog?: ReceiptLog;
  /**
   * Makes a device reachable by the token from its platform. Resolves with the recipient to send to. The first tenant that registers a
   * device keeps it. `tenant` undefined: an operator, who may register any device. Rejects FORBIDDEN for another tenant's device,
   * UNSENDABLE for an unknown platform or token.
   */
  enable?(platform: string, token: string, tenant: string | undefined): Promise<string>;
  /** Sends per second that the account allows, if the provider reports it. */
  sendRate?(): Promise<number | undefined>;
  /** Describes what is reachable and what is wrong, for `carillon doctor`. Rejects with the reason. */
  healthCheck(): Promise<string>;
  close(): Promise<void>;
}
