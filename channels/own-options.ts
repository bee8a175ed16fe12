import type { Channel } from "../schemas/generated.js";
import { channels } from "../schemas/vocabulary.js";
import { channelDefinitions } from "./generated.js";
import type { ChannelSettings } from "./rules-of.js";

/** The channels' own keys from the configuration of all channels, merged. */
export const ownOptions = (configured: Readonly<Record<Channel, object>>): Partial<ChannelSettings> => {
  const entries = channels.flatMap((channel) =>
    Object.entries(configured[channel]).filter(([key]) => Object.hasOwn(channelDefinitions[channel].options, key)),
  );
  return Object.fromEntries(entries);
};
