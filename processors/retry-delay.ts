import { chanceOf } from "./chance.js";
import type { RetryPolicy } from "./policy.js";

/**
 * Whole milliseconds until the attempt after `attempt`: exponential, jitter on top, never less than what the provider asked for.
 * The jitter comes from the message's id: spread over messages, the same for one.
 */
export const retryDelayMs = (policy: RetryPolicy, messageId: string, attempt: number, retryAfterMs: number): number => {
  const exponential = Math.min(policy.baseMs * policy.factor ** (attempt - 1), policy.maxDelayMs);
  return Math.ceil(Math.max(exponential * (1 + policy.jitter * chanceOf(`${messageId}:${attempt}`)), retryAfterMs));
};
