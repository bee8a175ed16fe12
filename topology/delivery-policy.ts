import { byChannel } from "../channels/by-channel.js";
import { ownOptions } from "../channels/own-options.js";
import { isRefusal } from "../channels/refusal.js";
import { readAllowedSender, readSender } from "../channels/senders.js";
import type { Limits } from "../client/limits.js";
import type { Config } from "../config/schema.js";
import type { ChannelPolicy, DeliveryPolicy } from "../processors/policy.js";
import type { Channel } from "../schemas/generated.js";
import { byLane } from "./delivery-shape.js";

const normalSender = (channel: Channel, from: string): string => {
  const read = readSender(channel, from);
  return isRefusal(read) ? from : read.from;
};

const normalAllowed = (channel: Channel, from: string): string => {
  const read = readAllowedSender(channel, from);
  return isRefusal(read) ? from : read.from;
};

/** A channel's policy, with its senders in normal form. */
export const channelPolicyOf = (config: Config, name: Channel): ChannelPolicy => {
  const channel = config.channels[name];
  return {
    ...channel,
    from: channel.from === null ? null : normalSender(name, channel.from),
    senders: channel.senders.map((sender) => ({ ...sender, from: normalSender(name, sender.from) })),
    allowSenders: [
      ...channel.allowSenders.map((sender) => ({ ...sender, from: normalAllowed(name, sender.from) })),
      ...config.tenants.anySender.map((tenant) => ({ tenant, from: "*" })),
    ],
  };
};

/** The limits that messages are checked against. */
export const limitsOf = ({ limits, channels }: Config): Limits => ({ ...limits, ...ownOptions(channels) });

/** The configuration that the stages use. */
export const policyOf = (config: Config): DeliveryPolicy => ({
  limits: limitsOf(config),
  channels: byChannel((channel) => channelPolicyOf(config, channel)),
  lanes: byLane((lane) => {
    const { guarantee, onAmbiguous } = config.lanes[lane];
    return { onAmbiguous: onAmbiguous ?? (guarantee === "at_most_once" ? "hold" : "resend") };
  }),
  providers: config.providers,
  criticalQuota: config.tenants.criticalPerSecond
    ? { perSecond: config.tenants.criticalPerSecond, burst: config.tenants.criticalBurst }
    : null,
  stateRetentionMs: config.delivery.stateRetentionMs,
  sendTimeoutMs: config.delivery.sendTimeoutMs,
  detachAfterMs: config.delivery.detachAfterMs,
  earlyReceiptRetryDelaysMs: config.delivery.earlyReceiptRetryDelaysMs,
  maxRetryAfterMs: config.delivery.maxRetryAfterMs,
});
