import type { CheckedMessage } from "../client/check-message.js";
import { idFromKey } from "../client/complete-message.js";
import { contentDigest } from "../client/content-digest.js";
import type { Config } from "../config/schema.js";
import { requestKeepMsOf } from "../processors/validate.js";
import type { Claims } from "../stores/claims/claims.js";
import type { Clock } from "../stores/clock.js";
import { keys } from "../stores/keys.js";

/** Which content each idempotency key stands for. */
export interface Idempotency {
  /**
   * Whether the key of each message stands for other content already, in the order given. The first content that is asked
   * for with a key takes it, also of requests that come at once; the same content, in whichever spelling, never conflicts.
   */
  conflicts(messages: readonly CheckedMessage[], tenant: string): Promise<readonly boolean[]>;
}

export const createIdempotency = (
  claims: Pick<Claims, "decide">,
  config: Pick<Config, "channels" | "limits" | "delivery">,
  clock: Pick<Clock, "now">,
): Idempotency => {
  const { channels, limits, delivery } = config;
  const policy = { channels, limits, keepMs: delivery.keepMs };
  const conflictsOne = async (message: CheckedMessage, tenant: string): Promise<boolean> => {
    if (message.idempotencyKey === null) return false;
    const digest = contentDigest(message);
    const keepMs = requestKeepMsOf(message, policy, clock.now());
    return (await claims.decide(keys.claims.digest(idFromKey(tenant, message.idempotencyKey)), digest, keepMs)) !== digest;
  };
  return { conflicts: (messages, tenant) => Promise.all(messages.map((message) => conflictsOne(message, tenant))) };
};
