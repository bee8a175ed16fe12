import { outcomeOfRejection, type Provider, type SendOutcome } from "../../processors/provider.js";
import type { Receipt } from "../../processors/receipt.js";
import { type Mask, maskedHead } from "../../schemas/secret-mask.js";

export interface OutcomeGuard {
  /** Masks secrets in whatever a provider gives back. */
  readonly mask: Mask;
  /** Longest pause that a provider gets by asking for it, in milliseconds. */
  readonly maxRetryAfterMs: number;
}

/** Longest text that is kept of each kind, in characters. */
const mostKept = { responseId: 500, detail: 500, exchange: 4_000, discriminator: 100 } as const;

/** Provider texts without secrets, cut to what a lineage step should hold. */
const maskedTexts = <T extends object>(value: T, mask: Mask): T => {
  const kept = Object.entries(value).map(([name, item]) => {
    const most = Object.hasOwn(mostKept, name) ? mostKept[name as keyof typeof mostKept] : undefined;
    return [name, most !== undefined && typeof item === "string" ? maskedHead(item, most, mask) : item];
  });
  return Object.fromEntries(kept) as T;
};

/** A receipt without secrets. */
export const maskedReceipt = (receipt: Receipt, mask: Mask): Receipt => maskedTexts(receipt, mask);

const guarded = (outcome: SendOutcome, { mask, maxRetryAfterMs }: OutcomeGuard): SendOutcome => {
  const texts = maskedTexts(outcome, mask);
  if (texts.kind === "accepted") return texts.alsoIds ? { ...texts, alsoIds: texts.alsoIds.map(mask) } : texts;
  if (texts.kind === "delivered" || texts.retryAfterMs === undefined) return texts;
  const { retryAfterMs } = texts;
  // a foreign number becomes our schedule only where it can be one
  const waits = Number.isFinite(retryAfterMs) ? Math.min(Math.max(0, Math.ceil(retryAfterMs)), maxRetryAfterMs) : 0;
  return { ...texts, retryAfterMs: waits };
};

/** Whatever comes of a call, as it may be kept: rejections as outcomes, no secrets, no pause beyond the policy's. */
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
