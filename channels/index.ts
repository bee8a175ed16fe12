/** What `carillon/channels` exports: all that a channel of one's own is made of. It loads nothing that makes something of the list of channels. */
export { addChannel } from "./add-channel.js";
export { type ChannelDefinition, defineChannel } from "./channel-definition.js";
export { readPhoneNumber } from "./phone-number.js";
export { isRefusal, type Refusal, refuse } from "./refusal.js";
