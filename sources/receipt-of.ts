import { isInstant } from "../client/instant.js";
import type { Report } from "../processors/provider.js";
import type { ProviderReceipt } from "../schemas/generated.js";
import type { ProviderIdentity } from "../sinks/providers/definition.js";

/** A provider's report as a receipt. The same news has the same id, in whichever ways and however often it comes. */
export const receiptOf = ({ name, channel }: ProviderIdentity, report: Report, nowMs: number): ProviderReceipt => {
  const { responseId, messageId, attempt, event, reason, detail, atMs, discriminator } = report;
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
    // a provider may say any time: one that is none would keep the lineage from being stored
    at: atMs !== undefined && isInstant(Math.round(atMs)) ? Math.round(atMs) : nowMs,
    waits: 0,
  };
};
