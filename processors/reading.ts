import { CarillonError } from "../schemas/errors.js";
import type { Receipt } from "./receipt.js";

/** Why an external event is ignored on purpose. Each reason is counted by source. */
export const ignoredReasons = {
  inbound_message: "a message from a recipient: Carillon sends messages and does not receive them",
  recipient_acknowledgement: "an acknowledgement or abort by a recipient, without the fields of a receipt",
  alert_notification: "a notice from an SMSC that a recipient is reachable again, without a message",
  subscription: "a confirmation request or an end of an SNS subscription",
  greeting: "a notice from SES that it publishes events here",
  not_delivery_status: "a line of a log group that is not delivery status",
  empty: "a callback with an empty list of receipts",
  unknown_message: "a pull asked about a message that the provider does not know, or no longer",
  asked_again: "an unreadable answer about one message: the next pull asks for it again",
} as const;

export type IgnoredReason = keyof typeof ignoredReasons;

/**
 * One external event after parsing. There is no fourth case: a parser cannot drop an event by returning nothing.
 * The original bytes of an unreadable event become a dead letter.
 */
export type Reading =
  | { readonly kind: "receipt"; readonly receipt: Receipt }
  | { readonly kind: "ignored"; readonly reason: IgnoredReason }
  | { readonly kind: "unreadable"; readonly error: CarillonError };

/** The events of one unit (a callback, a queued message, a PDU, a log line): at least one. */
export type Readings = readonly [Reading, ...Reading[]];

export const receipt = (found: Receipt): Reading => ({ kind: "receipt", receipt: found });

export const ignored = (reason: IgnoredReason): Reading => ({ kind: "ignored", reason });

/** The result of `read`, or why it failed: if it throws CALLBACK_REFUSED, the event is unreadable. */
export const readingOf = (read: () => Receipt | Reading): Reading => {
  try {
    const said = read();
    return "kind" in said ? said : receipt(said);
  } catch (error) {
    if (error instanceof CarillonError && error.code === "CALLBACK_REFUSED") return { kind: "unreadable", error };
    throw error;
  }
};

/** All readings of a list. An empty list becomes one ignored event. */
export const readingsOf = (readings: readonly Reading[]): Readings => {
  const [first, ...others] = readings;
  return first ? [first, ...others] : [ignored("empty")];
};
