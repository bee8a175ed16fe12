import type { Finding } from "../channels/finding.js";
import { isRefusal } from "../channels/refusal.js";
import { allowsSender, readSender } from "../channels/senders.js";
import type { Channel } from "../schemas/generated.js";
import type { ChannelPolicy } from "./policy.js";

/**
 * Why a tenant may not use the sender that its message names; undefined if it may. Allowed are the channel's own sender, the senders that
 * the configuration assigns to the tenant, and its list. A tenant with senders in its settings may use those alone. Display names are not
 * restricted.
 */
export const senderRefusal = (
  channel: Channel,
  { from: usual, senders, allowSenders }: Pick<ChannelPolicy, "from" | "senders" | "allowSenders">,
  tenant: string,
  from: string | null,
  ofTenant?: readonly string[] | undefined,
): Finding | undefined => {
  if (from === null) return undefined;
  const read = readSender(channel, from);
  const own = [...senders, ...allowSenders].filter((entry) => entry.tenant === null || entry.tenant === tenant).map((entry) => entry.from);
  const allowed = ofTenant ?? [...(usual === null ? [] : [usual]), ...own];
  if (!isRefusal(read) && allowed.some((one) => allowsSender(channel, one, read))) return undefined;
  return {
    field: "from",
    reason: "sender_not_allowed",
    problem: "is not a sender that this tenant may use",
    fix: `leave it out, or add it to ${ofTenant ? `the tenant's setting senders.${channel}` : `channels.${channel}.allowSenders`}`,
  };
};
