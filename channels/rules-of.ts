import type { Channel } from "../schemas/generated.js";
import type { ChannelRules, SettingsOf } from "./channel-definition.js";
import { channelDefinitions } from "./generated.js";

type Definitions = typeof channelDefinitions;

type Together<Union> = (Union extends unknown ? (one: Union) => void : never) extends (all: infer All) => void ? All : never;

/** All channels' own keys, merged. */
export type ChannelSettings = Together<
  { [Name in Channel]: SettingsOf<Definitions[Name]["limits"], Definitions[Name]["options"]> }[Channel]
>;

const rules: Readonly<Record<Channel, ChannelRules<ChannelSettings>>> = channelDefinitions;

export type ContentRules = ChannelRules<ChannelSettings>["content"];

/** The rules of a channel. */
export const rulesOf = (channel: Channel): ChannelRules<ChannelSettings> => rules[channel];
