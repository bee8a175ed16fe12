import { isInstant } from "../client/instant.js";
import type { Receipt } from "../processors/receipt.js";
import type { ProviderReceipt } from "../schemas/generated.js";
import type { ProviderIdentity } from "../sinks/providers/definition.js";
import { instantOf, type TimeForm } from "../wire/receipt-time.js";

/** How far providers' clocks may be ahead. */
const aheadMs = 15 * 60_000;
/** No message waits this long for a receipt, so an older one is implausible. */
const oldestMs = 400 * 86_400_000;

const mostRecipients = 10;
const mostAddressCharacters = 500;

/** Ignores an impossible time: the receipt then has the time at which it arrived. */
const plausibleTime = ({ atMs, statedAt }: Receipt, nowMs: number, form: TimeForm | undefined): number => {
  const stated = Math.round(atMs ?? instantOf(statedAt, form) ?? Number.NaN);
  return isInstant(stated) && stated <= nowMs + aheadMs && stated >= nowMs - oldestMs ? stated : nowMs;
};

/** Converts a receipt to a record for the log. The same event has the same id, from any source and however often it arrives. */
export const providerReceiptOf = (
  { name, channel }: ProviderIdentity,
  receipt: Receipt,
  nowMs: number,
  form?: TimeForm,
): ProviderReceipt => {
  const { providerMessageId, messageId, attempt, event, reason, detail, discriminator, recipients = [] } = receipt;
  const subject = providerMessageId ?? `${messageId ?? ""}:${attempt ?? ""}`;
  return {
    receiptId: [name, subject, event, ...(discriminator ? [discriminator.slice(0, 100)] : [])].join(":"),
    channel,
    provider: name,
    messageId: messageId ?? null,
    attempt: attempt ?? null,
    providerMessageId,
    event,
    reason: reason ?? null,
    detail: detail?.slice(0, 2_000) ?? null,
    retryAfterMs: null,
    at: plausibleTime(receipt, nowMs, form),
    waits: 0,
    recipients: recipients.slice(0, mostRecipients).map((address) => address.slice(0, mostAddressCharacters)),
  };
};
