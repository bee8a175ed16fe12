import type { DispatchCommand, ProviderReceipt } from "../schemas/generated.js";
import { isReason, type Reason } from "../schemas/reasons.js";

/** The meaning of a receipt for its message. */
export interface Verdict {
  readonly kind: "delivered" | "failed" | "retry" | "expired";
  readonly command: DispatchCommand;
  readonly receipt: ProviderReceipt;
  readonly attempt: number;
  readonly reason: Reason | null;
  /** The provider's answer decided it, without waiting for a receipt. */
  readonly direct?: boolean;
}

const reasonOf = (receipt: ProviderReceipt, otherwise: Reason): Reason =>
  receipt.reason && isReason(receipt.reason) ? receipt.reason : otherwise;

/** The meaning of an attempt's receipt; undefined if it changes nothing. */
export const verdictOf = (receipt: ProviderReceipt, command: DispatchCommand, attempt: number, direct = false): Verdict | undefined => {
  const base = { command, receipt, attempt, direct };
  // for an attempt that was followed by another, only delivery and refusal still matter
  const superseded = attempt < command.attempt;
  switch (receipt.event) {
    case "delivered":
      return { ...base, kind: "delivered", reason: null };
    case "permanent_failure":
      return { ...base, kind: "failed", reason: reasonOf(receipt, "recipient_rejected") };
    case "temporary_failure":
    case "ambiguous":
      return superseded ? undefined : { ...base, kind: "retry", reason: reasonOf(receipt, "provider_unavailable") };
    case "throttled":
      return superseded ? undefined : { ...base, kind: "retry", reason: reasonOf(receipt, "provider_throttled") };
    case "no_receipt":
      return superseded ? undefined : { ...base, kind: "expired", reason: "no_receipt" };
    default:
      return undefined;
  }
};
