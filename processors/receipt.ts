import type { ReceiptEvent } from "../schemas/generated.js";
import type { Reason } from "../schemas/reasons.js";

/** A provider's report on an attempt, from any source, before it is a record of the log. */
export interface Receipt {
  /** The provider's own id of the attempt; null if the receipt names the message itself. */
  readonly providerMessageId: string | null;
  readonly messageId?: string;
  readonly attempt?: number;
  readonly event: ReceiptEvent;
  readonly reason?: Reason;
  /** The provider's own words. */
  readonly detail?: string;
  /** When it happened, in milliseconds since 1970 UTC; default: when Carillon received it. */
  readonly atMs?: number;
  /** The same in the provider's format, if `atMs` is missing: parsed with the provider's configured time zone and form. */
  readonly statedAt?: string;
  /** Distinguishes events that can occur several times per attempt, such as clicks. */
  readonly discriminator?: string;
  /** Addresses that the receipt names: one of them must be the message's recipient. */
  readonly recipients?: readonly string[];
  /** The provider's word for a state that its table does not contain. The receipt decides nothing; the word is logged and counted. */
  readonly unknownState?: string;
}
