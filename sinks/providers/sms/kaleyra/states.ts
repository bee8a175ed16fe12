import type { Receipt } from "../../../../processors/receipt.js";
import { meaningOfState, type ReceiptTable, receiptOfWord, type StateMeaning } from "../../receipt-table.js";
import { smppStates } from "../smpp/states.js";

const onItsWay: StateMeaning = { event: "accepted" };
const delivered: StateMeaning = { event: "delivered" };
const ofRecipient: StateMeaning = { event: "permanent_failure", reason: "recipient_rejected" };
const unreachable: StateMeaning = { event: "permanent_failure", reason: "recipient_unavailable" };
const later: StateMeaning = { event: "temporary_failure", reason: "recipient_unavailable" };
const ofSender: StateMeaning = { event: "permanent_failure", reason: "sender_rejected" };
const ofContent: StateMeaning = { event: "permanent_failure", reason: "content_rejected" };
const tooLarge: StateMeaning = { event: "permanent_failure", reason: "content_too_large" };
const ofAccount: StateMeaning = { event: "temporary_failure", reason: "account_rejected" };
const ofProvider: StateMeaning = { event: "temporary_failure", reason: "provider_unavailable" };
const throttled: StateMeaning = { event: "throttled", reason: "provider_throttled" };

const each = (meaning: StateMeaning, ...words: readonly string[]): Readonly<Record<string, StateMeaning>> =>
  Object.fromEntries(words.map((word) => [word, meaning]));

/** Statuses, and the traces that explain them. Older interfaces report a trace as the status. */
export const kaleyraStates: ReceiptTable = {
  source:
    "developers.kaleyra.io, SMS Status and Status Trace Codes, SMS Delivery Failure, SMS Status API, SMS Callback; globalmessaging.kaleyra.com, " +
    "status for SMS delivery reports (older spellings); and the states of SMPP, which operators forward",
  meanings: {
    ...smppStates.meanings,
    ...each(delivered, "DELIVRD", "DELIVERED"),
    // NO-DLR: the operator has the message and will report nothing more, so the receipt deadline decides
    ...each(onItsWay, "SENT", "SUBMITTED", "QUEUED", "AWAITED-DLR", "NO-DLR-OPTR", "SENT - NO DLR", "SENT-NO-DLR"),
    ...each(unreachable, "UNDELIVERED", "UNDELIV", "FAILED", "EXPIRED"),
    // the message did not leave Kaleyra: unless a known trace blames the message, it can be sent again
    ...each(ofProvider, "NOT-SENT", "NOT SENT", "NOTSENT"),
    ...each(ofRecipient, "INV-NUMBER", "KLR-INV-NUMBER", "INVALID-NUM", "INV-MOB-PATTRN", "INVALID-SUB", "BLACKLIST", "REJECTED"),
    ...each(ofRecipient, "DND-NUMB", "DNDNUMB", "CON-DND", "OPT-OUT", "OPTOUT-REJ", "OUTPUT-REJ", "NOT-OPTIN", "BARRED"),
    ...each(ofRecipient, "SERIES-BLK", "SERIES-BLOCK", "NOT-ALLOWED", "NOTALLOWED", "BLOCKED-COUNTRY"),
    // TIME-OUT-PROM: promotions are sent only at certain hours
    ...each(later, "ABSENT-SUB", "HANDSET-BUSY", "HANDSET-ERR", "MOB-OFF", "MEM-EXEC", "MEMEXEC", "TIME-OUT-PROM"),
    // MOB-NOTALLOWED: the default sender reaches only the team's own numbers
    ...each(ofSender, "SNDRID-NOT-ALLOTED", "SENDER-ID-NOT-FOUND", "MOB-NOTALLOWED"),
    ...each(ofContent, "TEMPLATE-NOT-FOUND", "INV-TEMPLATE-MATCH", "SPAM"),
    ...each(tooLarge, "REJECTED-MULTIPART", "MAX-LENGTH", "MAX-LIMIT"),
    ...each(ofAccount, "NO-CREDITS", "INF-CREDIT", "KYC-NOT-APPROVED"),
    ...each(ofProvider, "SERVER-ERR", "NET-ERR", "SUBMIT-FAIL"),
    ...each(throttled, "NUM-LIMIT"),
  },
};

const decided: ReadonlySet<string> = new Set(["accepted", "delivered"]);

/** Converts a status and its trace to a receipt. The trace explains a failure or an unknown status. Other statuses need no trace. */
export const kaleyraReceipt = (status: string, trace: string | undefined, rest: Omit<Receipt, "event" | "reason">): Receipt => {
  const meaning = meaningOfState(kaleyraStates, status);
  const explains =
    trace !== undefined && meaningOfState(kaleyraStates, trace) !== undefined && (meaning === undefined || !decided.has(meaning.event));
  const said = trace === undefined || trace.toUpperCase() === status.toUpperCase() ? undefined : trace;
  const detail = [said, rest.detail].filter(Boolean).join(" ");
  return receiptOfWord(kaleyraStates, explains ? trace : status, { ...rest, ...(detail ? { detail } : {}) });
};
