import type { Config } from "../config/schema.js";
import type { DeliveryPolicy } from "../processors/policy.js";
import type { Lane } from "../schemas/generated.js";

const mapLanes = <T>(map: (lane: Config["lanes"][Lane]) => T, { lanes }: Config): Record<Lane, T> => ({
  critical: map(lanes.critical),
  high: map(lanes.high),
  normal: map(lanes.normal),
  bulk: map(lanes.bulk),
});

/** The part of the configuration that the stages go by. */
export const policyOf = (config: Config): DeliveryPolicy => ({
  limits: config.limits,
  channels: config.channels,
  lanes: mapLanes(
    ({ guarantee, onAmbiguous }) => ({ onAmbiguous: onAmbiguous ?? (guarantee === "at_most_once" ? "hold" : "resend") }),
    config,
  ),
  keepMs: config.delivery.keepMs,
  sendTimeoutMs: config.delivery.sendTimeoutMs,
  earlyReceiptWaitsMs: config.delivery.earlyReceiptWaitsMs,
});
