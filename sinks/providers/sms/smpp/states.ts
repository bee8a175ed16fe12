import { entryOf } from "../../../../schemas/entry-of.js";
import type { ErrorTable, FailureMeaning } from "../../definition.js";
import { meaningOfState, type ReceiptTable, type StateMeaning } from "../../receipt-table.js";

const ofContent: FailureMeaning = { kind: "permanent_failure", reason: "content_rejected" };
const ofSender: FailureMeaning = { kind: "permanent_failure", reason: "sender_rejected" };
const ofRecipient: FailureMeaning = { kind: "permanent_failure", reason: "recipient_rejected" };
const ofAccount: FailureMeaning = { kind: "temporary_failure", reason: "account_rejected" };
const ofProvider: FailureMeaning = { kind: "temporary_failure", reason: "provider_unavailable" };
const throttled: FailureMeaning = { kind: "throttled", reason: "provider_throttled" };

/** command_status by name. Source: SMPP 5.0, table 4-45; SMPP 3.4, 5.1.3, has the same numbers up to 0xff. */
export const commandStatuses = {
  ESME_RINVMSGLEN: 0x01,
  ESME_RINVCMDLEN: 0x02,
  ESME_RINVCMDID: 0x03,
  ESME_RINVBNDSTS: 0x04,
  ESME_RALYBND: 0x05,
  ESME_RINVPRTFLG: 0x06,
  ESME_RINVREGDLVFLG: 0x07,
  ESME_RSYSERR: 0x08,
  ESME_RINVSRCADR: 0x0a,
  ESME_RINVDSTADR: 0x0b,
  ESME_RINVMSGID: 0x0c,
  ESME_RBINDFAIL: 0x0d,
  ESME_RINVPASWD: 0x0e,
  ESME_RINVSYSID: 0x0f,
  ESME_RMSGQFUL: 0x14,
  ESME_RINVSERTYP: 0x15,
  ESME_RINVNUMDESTS: 0x33,
  ESME_RINVDLNAME: 0x34,
  ESME_RINVDESTFLAG: 0x40,
  ESME_RINVSUBREP: 0x42,
  ESME_RINVESMCLASS: 0x43,
  ESME_RCNTSUBDL: 0x44,
  ESME_RSUBMITFAIL: 0x45,
  ESME_RINVSRCTON: 0x48,
  ESME_RINVSRCNPI: 0x49,
  ESME_RINVDSTTON: 0x50,
  ESME_RINVDSTNPI: 0x51,
  ESME_RINVSYSTYP: 0x53,
  ESME_RINVREPFLAG: 0x54,
  ESME_RTHROTTLED: 0x58,
  ESME_RINVSCHED: 0x61,
  ESME_RINVEXPIRY: 0x62,
  ESME_RINVDFTMSGID: 0x63,
  ESME_RX_T_APPN: 0x64,
  ESME_RX_P_APPN: 0x65,
  ESME_RX_R_APPN: 0x66,
  ESME_RINVTLVSTREAM: 0xc0,
  ESME_RTLVNOTALLWD: 0xc1,
  ESME_RINVTLVLEN: 0xc2,
  ESME_RMISSINGTLV: 0xc3,
  ESME_RINVTLVVAL: 0xc4,
  ESME_RDELIVERYFAILURE: 0xfe,
  ESME_RUNKNOWNERR: 0xff,
  ESME_RSERTYPUNAUTH: 0x100,
  ESME_RPROHIBITED: 0x101,
  ESME_RSERTYPUNAVAIL: 0x102,
  ESME_RSERTYPDENIED: 0x103,
  ESME_RINVDCS: 0x104,
  ESME_RINVSRCADDRSUBUNIT: 0x105,
  ESME_RINVDSTADDRSUBUNIT: 0x106,
} as const;

type StatusName = keyof typeof commandStatuses;

const each = (meaning: FailureMeaning, ...names: readonly StatusName[]): Readonly<Record<number, FailureMeaning>> =>
  Object.fromEntries(names.map((name) => [commandStatuses[name], meaning]));

/**
 * Only errors that the message itself can cause are permanent. A submit leaves priority, service type, schedule, expiry, replacement and
 * predefined messages at their defaults, and has no list and no parameter. An SMSC that rejects one of these uses the status in its own
 * way, like the SMSCs for which Jasmin retries after ESME_RINVSCHED.
 */
export const smppStatuses: ErrorTable = {
  of: "command_status",
  source: "SMPP 3.4, 5.1.3; SMPP 5.0, table 4-45. Other values are temporary failures, unless `statuses` defines them",
  meanings: {
    ...each(ofContent, "ESME_RINVMSGLEN", "ESME_RINVCMDLEN", "ESME_RINVESMCLASS", "ESME_RX_P_APPN", "ESME_RX_R_APPN", "ESME_RINVTLVLEN"),
    // a service type is denied because of the message's content
    ...each(ofContent, "ESME_RSERTYPDENIED", "ESME_RINVDCS"),
    ...each(ofSender, "ESME_RINVSRCADR", "ESME_RINVSRCTON", "ESME_RINVSRCNPI", "ESME_RINVSRCADDRSUBUNIT"),
    ...each(ofRecipient, "ESME_RINVDSTADR", "ESME_RINVDSTTON", "ESME_RINVDSTNPI", "ESME_RINVDSTADDRSUBUNIT"),
    ...each(ofAccount, "ESME_RBINDFAIL", "ESME_RINVPASWD", "ESME_RINVSYSID", "ESME_RINVSYSTYP"),
    ...each(ofAccount, "ESME_RINVSERTYP", "ESME_RSERTYPUNAUTH", "ESME_RPROHIBITED"),
    ...each(ofProvider, "ESME_RINVCMDID", "ESME_RINVBNDSTS", "ESME_RALYBND", "ESME_RSYSERR", "ESME_RSUBMITFAIL", "ESME_RX_T_APPN"),
    ...each(ofProvider, "ESME_RUNKNOWNERR", "ESME_RSERTYPUNAVAIL"),
    ...each(ofProvider, "ESME_RINVPRTFLG", "ESME_RINVREGDLVFLG", "ESME_RINVMSGID", "ESME_RINVNUMDESTS", "ESME_RINVDLNAME"),
    ...each(ofProvider, "ESME_RINVDESTFLAG", "ESME_RINVSUBREP", "ESME_RCNTSUBDL", "ESME_RINVREPFLAG", "ESME_RINVSCHED"),
    ...each(ofProvider, "ESME_RINVEXPIRY", "ESME_RINVDFTMSGID", "ESME_RINVTLVSTREAM", "ESME_RTLVNOTALLWD", "ESME_RMISSINGTLV"),
    ...each(ofProvider, "ESME_RINVTLVVAL"),
    ...each({ kind: "temporary_failure", reason: "recipient_unavailable" }, "ESME_RDELIVERYFAILURE"),
    ...each(throttled, "ESME_RMSGQFUL", "ESME_RTHROTTLED"),
  },
};

/** The meaning of a refused submit's status. `own`: meanings of the SMSC's own statuses, by number. */
export const meaningOfStatus = (status: number, own: ReadonlyMap<number, FailureMeaning>): FailureMeaning =>
  own.get(status) ?? entryOf(smppStatuses.meanings, status) ?? ofProvider;

/**
 * The meaning of a refused bind's status. Nothing was sent, so no message is at fault, not even while the SMSC still holds a broken
 * session.
 */
export const meaningOfBindStatus = (status: number, own: ReadonlyMap<number, FailureMeaning>): FailureMeaning => {
  const meaning = meaningOfStatus(status, own);
  return meaning.kind === "permanent_failure" ? ofProvider : meaning;
};

const onItsWay: StateMeaning = { event: "accepted" };
const delivered: StateMeaning = { event: "delivered" };
const unreachable: StateMeaning = { event: "permanent_failure", reason: "recipient_unavailable" };
const refused: StateMeaning = { event: "permanent_failure", reason: "content_rejected" };
const unknown: StateMeaning = { event: "ambiguous", reason: "outcome_unknown" };

/** The words of the standard, and the longer ones that some SMSCs use. */
export const smppStates: ReceiptTable = {
  source: "SMPP 3.4, 5.2.28 and appendix B; SMPP 5.0, table 4-50; the longer spellings of SMSCs",
  meanings: {
    ...Object.fromEntries(
      ["SCHEDULED", "ENROUTE", "EN_ROUTE", "ACCEPTD", "ACCEPTED", "BUFFERED", "BUFFERD", "QUEUED", "PENDING", "SUBMITTED", "SENT"].map(
        (word) => [word, onItsWay],
      ),
    ),
    ...Object.fromEntries(["DELIVRD", "DELIVERED", "DELIVERD", "DELVRD"].map((word) => [word, delivered])),
    ...Object.fromEntries(
      ["EXPIRED", "EXPIRD", "UNDELIV", "UNDELIVERABLE", "UNDELIVERED", "UNDELIVRD", "UNDELIVERD", "FAILED", "FAILURE"].map((word) => [
        word,
        unreachable,
      ]),
    ),
    ...Object.fromEntries(
      ["DELETED", "REJECTD", "REJECTED", "SKIPPED", "SKIPED", "CANCELLED", "CANCELED", "BLOCKED"].map((word) => [word, refused]),
    ),
    ...Object.fromEntries(["UNKNOWN", "UNKNWN"].map((word) => [word, unknown])),
  },
};

/** message_state by number. Source: SMPP 3.4, 5.2.28; SMPP 5.0, table 4-50, adds SCHEDULED and SKIPPED. */
const words = ["SCHEDULED", "ENROUTE", "DELIVRD", "EXPIRED", "DELETED", "UNDELIV", "ACCEPTD", "UNKNOWN", "REJECTD", "SKIPPED"];

/** The word for a message_state; undefined if the standard has none. */
export const wordOfState = (state: number): string | undefined => words[state];

const decides = (meaning: StateMeaning | undefined): boolean => meaning?.event === "delivered" || meaning?.event === "permanent_failure";

/**
 * The word that counts: the text's own if it decides something, else that of message_state if it does, else whichever is known. SMSCs with
 * non-standard words still set the number correctly.
 */
export const decidingWord = (written: string | undefined, state: number | undefined): string | undefined => {
  const number = written !== undefined && /^0*\d$/.test(written) ? wordOfState(Number(written)) : undefined;
  const own = number ?? written;
  const numbered = state === undefined ? undefined : wordOfState(state);
  if (own === undefined) return numbered ?? (state === undefined ? undefined : `message_state ${state}`);
  const [ofText, ofState] = [own, numbered].map((word) => (word === undefined ? undefined : meaningOfState(smppStates, word)));
  if (decides(ofText) || numbered === undefined) return own;
  return decides(ofState) || ofText === undefined ? numbered : own;
};
