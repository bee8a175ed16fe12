import type { Channel } from "../schemas/generated.js";
import type { Sender } from "./channel-definition.js";
import { readDomain } from "./email-address.js";
import { isRefusal, type Refusal } from "./refusal.js";
import { rulesOf } from "./rules-of.js";

/** Parses a sender of one channel. The message, the configuration, Avro input and each provider use this one check. */
export const readSender = (channel: Channel, from: string): Sender | Refusal => rulesOf(channel).sender.read(from);

/** The domain of an entry for all senders of a domain (`@example.com`); undefined if the entry is a single sender. */
const domainIn = (channel: Channel, entry: string): string | undefined =>
  rulesOf(channel).sender.hasDomains && entry.startsWith("@") ? entry.slice(1) : undefined;

/** Normalizes an entry of the allowed senders: a sender, `@domain`, or `*` for any. */
export const readAllowedSender = (channel: Channel, entry: string): { readonly from: string } | Refusal => {
  if (entry === "*") return { from: entry };
  const domain = domainIn(channel, entry);
  if (domain === undefined) return readSender(channel, entry);
  const read = readDomain(domain);
  return isRefusal(read) ? read : { from: `@${read.domain}` };
};

/** Whether a normalized entry allows a sender. Email domains ignore case; local parts and sender ids do not. */
export const allowsSender = (channel: Channel, entry: string, { identity, domain }: Sender): boolean => {
  if (entry === "*") return true;
  const ofDomain = domainIn(channel, entry);
  if (ofDomain !== undefined) return domain === ofDomain;
  const read = readSender(channel, entry);
  return !isRefusal(read) && read.identity === identity;
};
