import type { Pdu } from "smpp";
import type { Report } from "../../../../processors/provider.js";
import type { ErrorTable } from "../../definition.js";
import { type ReceiptTable, reportOf } from "../../receipt-table.js";

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

export const smppStates: ReceiptTable = {
  source: "SMPP 3.4, 5.2.28 and appendix B",
  meanings: {
    ENROUTE: { event: "accepted" },
    ACCEPTD: { event: "accepted" },
    DELIVRD: { event: "delivered" },
    EXPIRED: { event: "permanent_failure", reason: "recipient_unavailable" },
    DELETED: { event: "permanent_failure", reason: "content_rejected" },
    UNDELIV: { event: "permanent_failure", reason: "recipient_unavailable" },
    REJECTD: { event: "permanent_failure", reason: "content_rejected" },
    UNKNOWN: { event: "temporary_failure", reason: "provider_unavailable" },
  },
};

/** message_state of a receipt, as words. */
const words = ["", "ENROUTE", "DELIVRD", "EXPIRED", "DELETED", "UNDELIV", "ACCEPTD", "UNKNOWN", "REJECTD"];

const textOf = ({ short_message: content }: Pdu): string => {
  if (!content) return "";
  return Buffer.isBuffer(content) ? content.toString() : String(content.message);
};

/** `2611221530`, minutes, or with seconds, in UTC. */
const instantOf = (text: string | undefined): number | undefined => {
  const parts = /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)?$/.exec(text ?? "");
  if (!parts) return undefined;
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = parts.slice(1).map((part) => Number(part ?? 0));
  return Date.UTC(2_000 + year, month - 1, day, hour, minute, second);
};

/** Whether a deliver_sm is a receipt rather than a message that somebody sent us. Source: SMPP 3.4, 5.2.12. */
export const isReceipt = ({ esm_class = 0 }: Pdu): boolean => (esm_class & 0x3c) === 0x04;

/** What a receipt says; undefined where it names no message. Source: SMPP 3.4, appendix B. */
export const readReceipt = (pdu: Pdu): Report | undefined => {
  const text = textOf(pdu);
  const field = (name: string): string | undefined => new RegExp(`(?:^|\\s)${name}:\\s*(\\S+)`, "i").exec(text)?.[1];
  const responseId = pdu.receipted_message_id?.toString().replace(/\0+$/, "") || field("id");
  const state = field("stat") ?? words[pdu.message_state ?? 0];
  if (!responseId || !state) return undefined;
  const error = field("err");
  const atMs = instantOf(field("done date"));
  return reportOf(smppStates, state, {
    responseId,
    ...(error && !/^0+$/.test(error) ? { detail: `${state} err ${error}` } : {}),
    ...(atMs ? { atMs } : {}),
  });
};
