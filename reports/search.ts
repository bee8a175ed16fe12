import { z } from "zod";
import { checkRecipient } from "../channels/recipients.js";
import type { Status } from "../schemas/generated.js";
import { reasons } from "../schemas/reasons.js";
import { isFinal, statusRank } from "../schemas/status.js";
import { channels } from "../schemas/vocabulary.js";
import type { Calendar } from "../stores/lineage-store/calendar.js";
import {
  collectionOf,
  type Filter,
  type LineageReader,
  type MessageDocument,
  messageCollections,
} from "../stores/lineage-store/lineage-store.js";
import { afterPosition, cursorOf, positionOf } from "./cursor.js";
import { anyList, listOf, wholeNumber } from "./parameters.js";
import { instantOf } from "./times.js";

const openStatuses = (Object.keys(statusRank) as Status[]).filter((status) => !isFinal(status));

/** Parameters of a search over the messages of all channels. */
export const searchParameters = z.strictObject({
  q: z.string().trim().min(1).max(2_048).optional().describe("give a message's id, or a recipient"),
  channel: anyList.optional().describe("give channels, separated by commas"),
  tenant: anyList.optional().describe("give tenants, separated by commas"),
  status: listOf([...Object.keys(statusRank), "open"])
    .optional()
    .describe("give statuses, separated by commas; open selects all that are not final"),
  reason: listOf(Object.keys(reasons)).optional().describe("give reasons, separated by commas"),
  provider: anyList.optional().describe("give providers, separated by commas"),
  lane: anyList.optional().describe("give lanes, separated by commas"),
  template: anyList.optional().describe("give templates, separated by commas"),
  country: anyList.optional().describe("give countries, separated by commas"),
  region: anyList.optional().describe("give regions, separated by commas"),
  user: z.string().min(1).max(256).optional().describe("give the id of a user of the directory"),
  from: z.string().max(40).optional().describe("give the first time of acceptance: 2026-11-21, yesterday, -24h"),
  to: z.string().max(40).optional().describe("give a time: 2026-11-21, yesterday, -24h; later messages are excluded"),
  limit: wholeNumber(1, 200).default(50).describe("give a whole number from 1 to 200"),
  cursor: z.string().max(1_000).optional().describe("give the cursor of the previous page"),
});

export type SearchParameters = z.output<typeof searchParameters>;

export interface Found {
  /** Newest first, without steps. */
  readonly messages: readonly Omit<MessageDocument, "lineage">[];
  readonly next: string | null;
}

/** The forms in which a recipient may have been stored. */
const spellingsOf = (text: string): string[] => {
  const normal = channels.flatMap((channel) => {
    const checked = checkRecipient(channel, text);
    return "to" in checked ? [checked.to] : [];
  });
  return [...new Set([text, text.toLowerCase(), ...normal])];
};

const fields = ["tenant", "status", "reason", "provider", "lane", "template", "country", "region"] as const;

const statusFilter = (wanted: readonly string[]): Filter => {
  // filters by status instead of `final`, because statuses are indexed in order of time
  const statuses = wanted.flatMap((status) => (status === "open" ? openStatuses : [status]));
  return { status: { $in: [...new Set(statuses)] } };
};

const filtersOf = (given: SearchParameters, nowMs: number, calendar: Calendar): Filter[] => {
  const filters: Filter[] = [];
  for (const field of fields) {
    const wanted = given[field];
    if (wanted !== undefined) filters.push(field === "status" ? statusFilter(wanted) : { [field]: { $in: wanted } });
  }
  if (given.user !== undefined) filters.push({ user: given.user });
  if (given.from !== undefined) filters.push({ acceptedAt: { $gte: instantOf("from", given.from, nowMs, calendar) } });
  if (given.to !== undefined) filters.push({ acceptedAt: { $lt: instantOf("to", given.to, nowMs, calendar) } });
  if (given.cursor !== undefined) filters.push(afterPosition("acceptedAt", positionOf(given.cursor, "cursor")));
  return filters;
};

const newestFirst = (one: MessageDocument, other: MessageDocument): number =>
  other.acceptedAt.getTime() - one.acceptedAt.getTime() || (other._id > one._id ? 1 : -1);

/** Finds messages of all channels, newest first. `tenant`: restricts them to this tenant's. */
export const search = async (
  reader: Pick<LineageReader, "query">,
  given: SearchParameters,
  { tenant, nowMs, calendar }: { readonly tenant: string | undefined; readonly nowMs: number; readonly calendar: Calendar },
): Promise<Found> => {
  const collections = given.channel ? [...new Set(given.channel.map(collectionOf))] : messageCollections;
  const common = [...(tenant === undefined ? [] : [{ tenant }]), ...filtersOf(given, nowMs, calendar)];
  // a recipient and an id have separate indexes
  const wanted: readonly Filter[] = given.q === undefined ? [{}] : [{ _id: given.q }, { to: { $in: spellingsOf(given.q) } }];
  const pages = await Promise.all(
    collections.flatMap((collection) =>
      wanted.map((one) =>
        reader.query(
          collection,
          { $and: [one, ...common] },
          { sort: { acceptedAt: -1, _id: -1 }, limit: given.limit + 1, keys: { lineage: 0 } },
        ),
      ),
    ),
  );
  const found = pages.flat().sort(newestFirst);
  const messages = found.slice(0, given.limit);
  const last = messages.at(-1);
  const next = found.length > given.limit && last ? cursorOf({ atMs: last.acceptedAt.getTime(), id: last._id }) : null;
  return { messages, next };
};
