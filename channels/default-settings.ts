import { z } from "zod";
import { channelDefinitions } from "./generated.js";
import type { ChannelSettings } from "./rules-of.js";

/** The channels' own limits without a configuration. */
export const defaultSettings = Object.assign(
  {},
  ...Object.values(channelDefinitions).map(({ limits }) => z.object(limits).parse({})),
) as ChannelSettings;
