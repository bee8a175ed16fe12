import { checkRecipient } from "../channels/recipients.js";
import { channels } from "../schemas/vocabulary.js";
import type { Filter } from "../stores/lineage-store/lineage-store.js";

/** Whose data is meant: an address, or a user. */
export interface RecipientQuestion {
  /** As in messages, or in any spelling with the same normal form. */
  readonly to?: string | undefined;
  /** A user of the tenant, by its id. */
  readonly user?: string | undefined;
  /** Default: all tenants. A user needs one, because each tenant has its own users. */
  readonly tenant?: string | undefined;
}

/** A record that may name a recipient: of one message, or of the steps of a plan. */
interface NamingRecord {
  readonly to?: unknown;
  readonly user?: unknown;
  readonly tenant?: unknown;
  readonly steps?: readonly { readonly requests: readonly { readonly to: string }[] }[];
}

export interface ErasedRecipient {
  /** The address in all spellings under which it may be stored; none for a user. */
  readonly spellings: readonly string[];
  /** Finds the messages in the lineage. */
  readonly filter: Filter;
  /** Whether a record is for the recipient. */
  names(record: NamingRecord): boolean;
}

/** The spellings under which a recipient may be stored. */
export const spellingsOf = (to: string): string[] => [
  ...new Set([
    to,
    ...channels.flatMap((channel) => {
      const check = checkRecipient(channel, to);
      return "to" in check ? [check.to] : [];
    }),
  ]),
];

export const erasedRecipientOf = ({ to, user, tenant }: RecipientQuestion): ErasedRecipient => {
  const spellings = to === undefined ? [] : spellingsOf(to);
  const who: Filter = user === undefined ? { to: { $in: spellings } } : { user };
  return {
    spellings,
    filter: { ...who, ...(tenant === undefined ? {} : { tenant }) },
    names: (record) => {
      if (tenant !== undefined && record.tenant !== tenant) return false;
      if (user !== undefined) return record.user === user;
      const addresses = record.steps?.flatMap(({ requests }) => requests.map(({ to: one }) => one)) ?? [];
      return [String(record.to), ...addresses].some((one) => spellings.includes(one));
    },
  };
};
