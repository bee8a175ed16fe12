import { isRefusal } from "../channels/refusal.js";
import { readSender, type Sender } from "../channels/senders.js";
import type { Finding } from "../client/finding.js";
import type { Channel } from "../schemas/generated.js";
import type { ChannelPolicy } from "./policy.js";

/** Email domains have no case, local parts and sender ids do. */
const fits = (channel: Channel, allowed: string, { identity, domain }: Sender): boolean => {
  if (allowed === "*") return true;
  if (channel === "email" && allowed.startsWith("@")) return domain === allowed.slice(1);
  const read = readSender(channel, allowed);
  return !isRefusal(read) && read.identity === identity;
};

/**
 * Why a tenant may not send as the sender that its message names; undefined where it may. It may use the channel's own sender,
 * those that the configuration gives it, and those on its list. Names shown with an address are free.
 */
export const senderRefusal = (
  channel: Channel,
  { from: usual, senders, allowSenders }: Pick<ChannelPolicy, "from" | "senders" | "allowSenders">,
  tenant: string,
  from: string | undefined,
): Finding | undefined => {
  if (from === undefined) return undefined;
  const read = readSender(channel, from);
  const own = [...senders, ...allowSenders].filter((entry) => entry.tenant === null || entry.tenant === tenant).map((entry) => entry.from);
  const allowed = [...(usual === null ? [] : [usual]), ...own];
  if (!isRefusal(read) && allowed.some((one) => fits(channel, one, read))) return undefined;
  return {
    field: "from",
    reason: "sender_not_allowed",
    problem: "is not a sender that this tenant may use",
    fix: `leave it out, or add it to channels.${channel}.allowSenders`,
  };
};
