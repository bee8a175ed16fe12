import type { Channel } from "../schemas/generated.js";
import type { Sender } from "./channel-definition.js";
import { readDomain } from "./email-address.js";
import { isRefusal, type Refusal } from "./refusal.js";
import { rulesOf } from "./rules-of.js";

/** Reads a sender of one channel. The message, the configuration, Avro input and each provider use this one check. */
export const readSender = (channel: Channel, from: string): Sender | Refusal => rulesOf(channel).sender.read(from);

/** The domain of an entry that stands for all senders of a domain (`@example.com`); undefined where the entry is one sender. */
const domainIn = (channel: Channel, entry: string): string | undefined =>
  rulesOf(channel).sender.hasDomains && entry.startsWith("@") ? entry.slice(1) : undefined;

/** An entry of a list of allowed senders in its normal form: a sender, `@domain`, or `*` for any. */
export const readAllowedSender = (channel: Channel, entry: string): { readonly from: string } | Refusal => {
  if (entry === "*") return { from: entry };
  const domain = domainIn(channel, entry);
  if (domain === undefined) return readSender(channel, entry);
  const read = readDomain(domain);
  return isRefusal(read) ? read : { from: `@${read.domain}` };
};

/** Whether an entry in its normal form allows a sender. Email domains have no case, local parts and sender ids do. */
export const allowsSender = (channel: Channel, entry: string, { identity, domain }: Sender): boolean => {
  if (entry === "*") return true;
  const ofDomain = domainIn(channel, entry);
  if (ofDomain !== undefined) return domain === ofDomain;
  const read = readSender(channel, entry);
  return !isRefusal(read) && read.identity === identity;
};
