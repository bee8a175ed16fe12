import { CarillonError } from "../schemas/errors.js";
import type { Receipt } from "./receipt.js";

/** Why an event that came from outside is left out on purpose. Each is counted by source. */
export const ignoredReasons = {
  inbound_message: "a message that a recipient sent: Carillon sends messages and does not receive them",
  recipient_acknowledgement: "an acknowledgement or abort that a recipient wrote, without the fields of a receipt",
  alert_notification: "an SMSC reports that a recipient is reachable again, and names no message",
  subscription: "SNS asks to confirm a subscription, or ends one",
  greeting: "SES announces that it publishes events here",
  not_delivery_status: "a line of a log group that is not delivery status",
  empty: "a callback that holds an empty list of receipts",
  asked_again: "an answer about one message that cannot be read: the next pull asks for it again",
} as const;

export type IgnoredReason = keyof typeof ignoredReasons;

/**
 * What one event from outside says. There is no fourth case: a reader cannot drop an event by returning nothing.
 * The original bytes of an unreadable event become a dead letter.
 */
export type Reading =
  | { readonly kind: "receipt"; readonly receipt: Receipt }
  | { readonly kind: "ignored"; readonly reason: IgnoredReason }
  | { readonly kind: "unreadable"; readonly error: CarillonError };

/** What one unit (a callback, a queued message, a PDU, a log line) says: at least one event. */
export type Readings = readonly [Reading, ...Reading[]];

export const receipt = (found: Receipt): Reading => ({ kind: "receipt", receipt: found });

export const ignored = (reason: IgnoredReason): Reading => ({ kind: "ignored", reason });

/** What `read` says, or why it cannot: a CALLBACK_REFUSED that it throws makes the event unreadable. */
export const readingOf = (read: () => Receipt | Reading): Reading => {
  try {
    const said = read();
    return "kind" in said ? said : receipt(said);
  } catch (error) {
    if (error instanceof CarillonError && error.code === "CALLBACK_REFUSED") return { kind: "unreadable", error };
    throw error;
  }
};

/** All of a list's readings; an empty list is ignored as such. */
export const readingsOf = (readings: readonly Reading[]): Readings => {
  const [first, ...others] = readings;
  return first ? [first, ...others] : [ignored("empty")];
};
