import type { Finding } from "../channels/finding.js";
import type { MessageInput } from "./generated.js";

/** One of the messages to a user. */
export interface SentMessage {
  readonly id: string;
  readonly channel: string;
  /** The step of the fallback, from 1; absent without a fallback. */
  readonly step?: number;
}

/** The result of a send: invalid messages are data, not exceptions. */
export type SendResult =
  /** Carillon's log has stored the message: all in-sync replicas of the broker, or the disk of the embedded profile. */
  | {
      readonly accepted: true;
      /** The id of the message; the first one of a message to a user. */
      readonly id: string;
      readonly warnings: readonly Finding[];
      /** Of a message to a user: each message that it became. */
      readonly messages?: readonly SentMessage[];
    }
  /** The message was not accepted. */
  | { readonly accepted: false; readonly errors: readonly Finding[] };

/** Options of one call. */
export interface SendOptions {
  /**
   * Ends the call when it aborts: the call rejects with the signal's reason. Whether Carillon accepted the message is then unknown. A repeat
   * with the same `idempotencyKey` never creates a second message.
   */
  readonly signal?: AbortSignal | undefined;
}

/** The client with which a service sends messages. */
export interface CarillonClient {
  /**
   * Checks the message and sends it. Resolves once Carillon's log has stored it. Rejects UNAVAILABLE. Rejects CLOSED if called after
   * `close()`, or if still in flight when `close()` stops waiting.
   */
  send(message: MessageInput, options?: SendOptions): Promise<SendResult>;
  /** Sends many messages. Results are in the order given. If it rejects, some of them may have been accepted. */
  sendAll(messages: readonly MessageInput[], options?: SendOptions): Promise<readonly SendResult[]>;
  /** Accepts no more sends, waits for those in flight, at most `closeTimeoutMs`, then disconnects. Idempotent. */
  close(): Promise<void>;
}
