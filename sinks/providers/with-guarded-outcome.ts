import { outcomeOfRejection, type Provider, type SendOutcome } from "../../processors/provider.js";
import type { Receipt } from "../../processors/receipt.js";
import { type Mask, maskedHead } from "../../schemas/secret-mask.js";

export interface OutcomeGuard {
  /** Masks secrets in a provider's results. */
  readonly mask: Mask;
  /** Longest pause that a provider can request, in milliseconds. */
  readonly maxRetryAfterMs: number;
}

/** Longest text kept for each field, in characters. */
const mostKept = { providerMessageId: 500, detail: 500, exchange: 4_000, discriminator: 100 } as const;

/** Masks secrets in provider texts and cuts them to the size for a lineage step. */
const maskedTexts = <T extends object>(value: T, mask: Mask): T => {
  const kept = Object.entries(value).map(([name, item]) => {
    const most = Object.hasOwn(mostKept, name) ? mostKept[name as keyof typeof mostKept] : undefined;
    return [name, most !== undefined && typeof item === "string" ? maskedHead(item, most, mask) : item];
  });
  return Object.fromEntries(kept) as T;
};

/** A receipt with masked secrets. */
export const maskedReceipt = (receipt: Receipt, mask: Mask): Receipt => maskedTexts(receipt, mask);

const guarded = (outcome: SendOutcome, { mask, maxRetryAfterMs }: OutcomeGuard): SendOutcome => {
  const texts = maskedTexts(outcome, mask);
  if (texts.kind === "accepted")
    return texts.additionalProviderMessageIds
      ? { ...texts, additionalProviderMessageIds: texts.additionalProviderMessageIds.map(mask) }
      : texts;
  if (texts.kind === "delivered" || texts.retryAfterMs === undefined) return texts;
  const { retryAfterMs } = texts;
  // a provider's number affects the schedule only if it is valid
  const waits = Number.isFinite(retryAfterMs) ? Math.min(Math.max(0, Math.ceil(retryAfterMs)), maxRetryAfterMs) : 0;
  return { ...texts, retryAfterMs: waits };
};

/** Makes every result of a call safe to store: rejections become outcomes, secrets are masked, and pauses are limited by the policy. */
export const withGuardedOutcome = (provider: Provider, guard: OutcomeGuard): Provider => ({
  ...provider,
  send: async (command, context) => {
    try {
      return guarded(await provider.send(command, context), guard);
    } catch (error) {
      return guarded(outcomeOfRejection(error), guard);
    }
  },
});
