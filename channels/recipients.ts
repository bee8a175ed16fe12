import type { Channel } from "../schemas/generated.js";
import type { RecipientCheck } from "./channel-definition.js";
import { type ChannelSettings, rulesOf } from "./rules-of.js";

/** Checks a recipient and normalizes it: A-labels for email, E.164 for SMS. Without settings, no kind of recipient is refused. */
export const checkRecipient = (channel: Channel, to: string, settings?: ChannelSettings): RecipientCheck =>
  rulesOf(channel).recipient.check(to, settings);
