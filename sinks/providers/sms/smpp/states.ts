import type { ErrorTable } from "../../definition.js";
import { meaningOfState, type ReceiptTable, type StateMeaning } from "../../receipt-table.js";

export const smppStatuses: ErrorTable = {
  of: "command_status",
  source: "SMPP 3.4, 5.1.3",
  meanings: {
    1: { kind: "permanent_failure", reason: "content_rejected" },
    4: { kind: "temporary_failure", reason: "provider_unavailable" },
    8: { kind: "temporary_failure", reason: "provider_unavailable" },
    10: { kind: "permanent_failure", reason: "sender_rejected" },
    11: { kind: "permanent_failure", reason: "recipient_rejected" },
    13: { kind: "temporary_failure", reason: "account_rejected" },
    14: { kind: "temporary_failure", reason: "account_rejected" },
    15: { kind: "temporary_failure", reason: "account_rejected" },
    20: { kind: "throttled", reason: "provider_throttled" },
    69: { kind: "temporary_failure", reason: "provider_unavailable" },
    88: { kind: "throttled", reason: "provider_throttled" },
    100: { kind: "temporary_failure", reason: "provider_unavailable" },
  },
};

const onItsWay: StateMeaning = { event: "accepted" };
const delivered: StateMeaning = { event: "delivered" };
const unreachable: StateMeaning = { event: "permanent_failure", reason: "recipient_unavailable" };
const refused: StateMeaning = { event: "permanent_failure", reason: "content_rejected" };
const unknown: StateMeaning = { event: "ambiguous", reason: "outcome_unknown" };

/** The words of the standard, and the longer ones that SMSCs write instead. */
export const smppStates: ReceiptTable = {
  source: "SMPP 3.4, 5.2.28 and appendix B; SMPP 5.0, 4.7.15; long words as SMSCs write them",
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

/** message_state by number. Source: SMPP 3.4, 5.2.28; SMPP 5.0 adds SCHEDULED and SKIPPED. */
const words = ["SCHEDULED", "ENROUTE", "DELIVRD", "EXPIRED", "DELETED", "UNDELIV", "ACCEPTD", "UNKNOWN", "REJECTD", "SKIPPED"];

/** The word of a message_state; undefined where the standard has none. */
export const wordOfState = (state: number): string | undefined => words[state];

const decides = (meaning: StateMeaning | undefined): boolean => meaning?.event === "delivered" || meaning?.event === "permanent_failure";

/**
 * The word that counts: the text's own where it decides something, else that of message_state where it does, else whichever
 * is known. SMSCs that write words of their own still set the number right.
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
