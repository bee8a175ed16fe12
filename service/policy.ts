import type { Config } from "../config/schema.js";
import type { DeliveryPolicy } from "../processors/policy.js";

/** The part of the configuration that the stages go by. */
export const policyOf = (config: Config): DeliveryPolicy => ({
  limits: config.limits,
  channels: config.channels,
  lanes: config.lanes,
  keepMs: config.delivery.keepMs,
  sendTimeoutMs: config.delivery.sendTimeoutMs,
  earlyReceiptWaitsMs: config.delivery.earlyReceiptWaitsMs,
});
