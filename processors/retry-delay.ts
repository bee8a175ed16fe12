import { chanceOf } from "./chance.js";
import type { RetryPolicy } from "./policy.js";

/**
 * Whole milliseconds until the attempt after `attempt`: exponential plus jitter, and at least the provider's requested pause.
 * The jitter comes from the message id: spread across messages, and constant for one.
 */
export const retryDelayMs = (policy: RetryPolicy, messageId: string, attempt: number, retryAfterMs: number): number => {
  const exponential = Math.min(policy.baseMs * policy.factor ** (attempt - 1), policy.maxDelayMs);
  return Math.ceil(Math.max(exponential * (1 + policy.jitter * chanceOf(`${messageId}:${attempt}`)), retryAfterMs));
};
