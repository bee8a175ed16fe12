import type { CheckedMessage } from "../client/check-message.js";
import { idFromKey } from "../client/complete-message.js";
import { contentDigest } from "../client/content-digest.js";
import type { Config } from "../config/schema.js";
import { requestKeepMsOf } from "../processors/validate.js";
import type { Claims } from "../stores/claims/claims.js";
import type { Clock } from "../stores/clock.js";
import { keys } from "../stores/keys.js";

/** The content for each idempotency key. */
export interface Idempotency {
  /**
   * Whether the key of each message already belongs to other content, in the order given. The first content requested with a key owns it,
   * also among concurrent requests. The same content, in any form, never conflicts.
   */
  conflicts(messages: readonly CheckedMessage[], tenant: string): Promise<readonly boolean[]>;
}

export const createIdempotency = (
  claims: Pick<Claims, "decide">,
  config: Pick<Config, "channels" | "limits" | "delivery">,
  clock: Pick<Clock, "now">,
): Idempotency => {
  const { channels, limits, delivery } = config;
  const policy = { channels, limits, stateRetentionMs: delivery.stateRetentionMs };
  const conflictsOne = async (message: CheckedMessage, tenant: string): Promise<boolean> => {
    if (message.idempotencyKey === null) return false;
    const digest = contentDigest(message);
    const keepMs = requestKeepMsOf(message, policy, clock.now());
    return (await claims.decide(keys.claims.digest(idFromKey(tenant, message.idempotencyKey)), digest, keepMs)) !== digest;
  };
  return { conflicts: (messages, tenant) => Promise.all(messages.map((message) => conflictsOne(message, tenant))) };
};
