/** The exports of `carillon/channels`: everything to define a channel. They load no code that uses the list of channels. */
export { addChannel } from "./add-channel.js";
export { type ChannelDefinition, defineChannel } from "./channel-definition.js";
export { readPhoneNumber } from "./phone-number.js";
export { isRefusal, type Refusal, refuse } from "./refusal.js";
