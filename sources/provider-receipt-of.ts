import { isInstant } from "../client/instant.js";
import type { Receipt } from "../processors/receipt.js";
import type { ProviderReceipt } from "../schemas/generated.js";
import type { ProviderIdentity } from "../sinks/providers/definition.js";
import { instantOf, type TimeForm } from "../wire/receipt-time.js";

/** Clocks of providers may be ahead of ours by this much. */
const aheadMs = 15 * 60_000;
/** No message waits this long for a receipt, so none can be older. */
const oldestMs = 400 * 86_400_000;

const mostRecipients = 10;
const mostAddressCharacters = 500;

/** A time that the receipt cannot have happened at is ignored: the receipt is kept with the time at which it came. */
const plausibleTime = ({ atMs, statedAt }: Receipt, nowMs: number, form: TimeForm | undefined): number => {
  const stated = Math.round(atMs ?? instantOf(statedAt, form) ?? Number.NaN);
  return isInstant(stated) && stated <= nowMs + aheadMs && stated >= nowMs - oldestMs ? stated : nowMs;
};

/** A receipt as the record that the log takes. The same event has the same id, by whichever source and however often it comes. */
export const providerReceiptOf = (
  { name, channel }: ProviderIdentity,
  receipt: Receipt,
  nowMs: number,
  form?: TimeForm,
): ProviderReceipt => {
  const { responseId, messageId, attempt, event, reason, detail, discriminator, recipients = [] } = receipt;
  const subject = responseId ?? `${messageId ?? ""}:${attempt ?? ""}`;
  return {
    receiptId: [name, subject, event, ...(discriminator ? [discriminator.slice(0, 100)] : [])].join(":"),
    channel,
    provider: name,
    messageId: messageId ?? null,
    attempt: attempt ?? null,
    responseId,
    event,
    reason: reason ?? null,
    detail: detail?.slice(0, 2_000) ?? null,
    retryAfterMs: null,
    at: plausibleTime(receipt, nowMs, form),
    waits: 0,
    recipients: recipients.slice(0, mostRecipients).map((address) => address.slice(0, mostAddressCharacters)),
  };
};
