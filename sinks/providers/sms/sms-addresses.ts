import { isRefusal } from "../../../channels/refusal.js";
import { readSender } from "../../../channels/senders.js";
import { CarillonError } from "../../../schemas/errors.js";
import type { DispatchCommand } from "../../../schemas/generated.js";

const recipient = /^\+\d{5,15}$/;

/** Recipient and sender of an SMS in a provider's protocol. Throws UNSENDABLE for an invalid one. */
export const smsAddressesOf = ({
  to,
  from,
}: Pick<DispatchCommand, "to" | "from">): { readonly to: string; readonly from: string | null } => {
  if (!recipient.test(to)) throw new CarillonError("UNSENDABLE", "to is not a phone number in E.164 form");
  const sender = from === null ? null : readSender("sms", from);
  if (sender !== null && isRefusal(sender)) throw new CarillonError("UNSENDABLE", `from ${sender.problem}: ${sender.fix}`);
  return { to, from: sender?.from ?? null };
};
