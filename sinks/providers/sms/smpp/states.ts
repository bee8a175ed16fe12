import { entryOf } from "../../../../schemas/entry-of.js";
import type { ErrorTable, FailureMeaning } from "../../definition.js";
import { meaningOfState, type ReceiptTable, type StateMeaning } from "../../receipt-table.js";

const ofContent: FailureMeaning = { kind: "permanent_failure", reason: "content_rejected" };
const ofSender: FailureMeaning = { kind: "permanent_failure", reason: "sender_rejected" };
const ofRecipient: FailureMeaning = { kind: "permanent_failure", reason: "recipient_rejected" };
const ofAccount: FailureMeaning = { kind: "temporary_failure", reason: "account_rejected" };
const ofProvider: FailureMeaning = { kind: "temporary_failure", reason: "provider_unavailable" };
const throttled: FailureMeaning = { kind: "throttled", reason: "provider_throttled" };

const each = (statuses: readonly number[], meaning: FailureMeaning): Readonly<Record<number, FailureMeaning>> =>
  Object.fromEntries(statuses.map((status) => [status, meaning]));

/** Only what a message itself can be at fault for is permanent. */
export const smppStatuses: ErrorTable = {
  of: "command_status",
  source: "SMPP 3.4, 5.1.3; SMPP 5.0, 4.7.6; others are temporary, and `statuses` says what an SMSC's own mean",
  meanings: {
    ...each([0x01, 0x02, 0x06, 0x07, 0x0c, 0x15, 0x33, 0x34, 0x40, 0x42, 0x43, 0x44, 0x54, 0x61, 0x62, 0x63, 0x65, 0x66], ofContent),
    ...each([0xc0, 0xc1, 0xc2, 0xc3, 0xc4, 0x103, 0x104], ofContent),
    ...each([0x0a, 0x48, 0x49, 0x105], ofSender),
    ...each([0x0b, 0x50, 0x51, 0x106], ofRecipient),
    ...each([0x0d, 0x0e, 0x0f, 0x53, 0x100, 0x101], ofAccount),
    ...each([0x03, 0x04, 0x05, 0x08, 0x45, 0x64, 0xff, 0x102], ofProvider),
    ...each([0xfe], { kind: "temporary_failure", reason: "recipient_unavailable" }),
    ...each([0x14, 0x58], throttled),
  },
};

/** What the status of a refused submit means. `own`: what the SMSC's own statuses mean, by number. */
export const meaningOfStatus = (status: number, own: ReadonlyMap<number, FailureMeaning>): FailureMeaning =>
  own.get(status) ?? entryOf(smppStatuses.meanings, status) ?? ofProvider;

/** What the status of a refused bind means: nothing was sent, so no message is at fault, not even while the SMSC holds a session that broke. */
export const meaningOfBindStatus = (status: number, own: ReadonlyMap<number, FailureMeaning>): FailureMeaning => {
  const meaning = meaningOfStatus(status, own);
  return meaning.kind === "permanent_failure" ? ofProvider : meaning;
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
