import type { ReceiptEvent } from "../schemas/generated.js";
import type { Reason } from "../schemas/reasons.js";

/** What a provider reports of an attempt, by whichever source, before it is a record of the log. */
export interface Receipt {
  /** The provider's own id of the attempt; null where it names the message itself. */
  readonly responseId: string | null;
  readonly messageId?: string;
  readonly attempt?: number;
  readonly event: ReceiptEvent;
  readonly reason?: Reason;
  /** The provider's own words. */
  readonly detail?: string;
  /** When it happened, milliseconds since 1970 UTC; else when Carillon received it. */
  readonly atMs?: number;
  /** The same as the provider writes it, where `atMs` is not there: read in the provider's configured zone and form. */
  readonly statedAt?: string;
  /** Distinguishes events that an attempt can have more than once, such as clicks. */
  readonly discriminator?: string;
  /** Addresses that the provider names in the receipt: one of them must be the message's recipient. */
  readonly recipients?: readonly string[];
  /** The provider's word for a state that its table does not have. The receipt decides nothing, and the word is logged and counted. */
  readonly unknownState?: string;
}
