import type { RetryPolicy } from "./policy.js";

/** A number in [0, 1) that depends on `text` alone, so that a step told again computes the same. */
const chanceOf = (text: string): number => {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  hash ^= hash >>> 15;
  return (Math.imul(hash, 0x2c1b3c6d) >>> 0) / 2 ** 32;
};

/**
 * Whole milliseconds until the attempt after `attempt`: exponential, jitter on top, never less than what the provider asked for.
 * The jitter comes from the message's id: spread over messages, the same for one.
 */
export const retryDelayMs = (policy: RetryPolicy, messageId: string, attempt: number, retryAfterMs: number): number => {
  const exponential = Math.min(policy.baseMs * policy.factor ** (attempt - 1), policy.maxDelayMs);
  return Math.ceil(Math.max(exponential * (1 + policy.jitter * chanceOf(`${messageId}:${attempt}`)), retryAfterMs));
};
