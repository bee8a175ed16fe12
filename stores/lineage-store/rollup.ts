import type { Calendar } from "./calendar.js";
import { countedByName, dimensions, type Group } from "./dimensions.js";
import type { MessageDocument, RollupDocument, RollupKind } from "./lineage-store.js";
import { groupOf, type Measured, measuresOf } from "./measures.js";

/** By how much the counts of a group grow or shrink. */
export interface Increment {
  readonly group: Group;
  readonly acceptedAt: Date;
  /** Field, or field and name with a dot between: by how much. */
  readonly by: Readonly<Record<string, number>>;
}

/** A group in which a message stood. */
export type Visit = Pick<Increment, "group" | "acceptedAt">;

/** The same, and by which record of the log. */
export interface PositionedIncrement extends Increment {
  readonly partition: number;
  readonly offset: number;
}

/** All of a message's document that decides how it is counted. */
export type Counted = Group & Measured;

/** Whether a document is counted in the group. */
export const isCountedIn = ({ group, acceptedAt }: Visit, document: Counted): boolean =>
  acceptedAt.getTime() === document.acceptedAt.getTime() && dimensions.every((dimension) => group[dimension] === document[dimension]);

/** Adds up counts by field; what comes to nothing is left out. */
export const addUp = (...parts: readonly Readonly<Record<string, number>>[]): Record<string, number> => {
  const sums: Record<string, number> = {};
  for (const part of parts) for (const [field, by] of Object.entries(part)) sums[field] = (sums[field] ?? 0) + by;
  return Object.fromEntries(Object.entries(sums).filter(([, by]) => by !== 0));
};

const negative = (measures: Readonly<Record<string, number>>): Record<string, number> =>
  Object.fromEntries(Object.entries(measures).map(([field, by]) => [field, -by]));

const incrementIn = (document: Counted, by: Record<string, number>): Increment => ({
  group: groupOf(document),
  acceptedAt: document.acceptedAt,
  by,
});

/** What a change of a message's document changes in the counts: within its group, or from one group to another. */
export const incrementsOf = (before: Counted | undefined, after: Counted): Increment[] => {
  if (!before) return [incrementIn(after, measuresOf(after))];
  const gone = negative(measuresOf(before));
  if (!isCountedIn({ group: before, acceptedAt: before.acceptedAt }, after))
    return [incrementIn(before, gone), incrementIn(after, measuresOf(after))];
  const by = addUp(gone, measuresOf(after));
  return Object.keys(by).length > 0 ? [incrementIn(after, by)] : [];
};

/** No hour or day of any time zone begins within a quarter of an hour. */
export const quarterMs = 900_000;

/**
 * The same changes and visits, added up by group and quarter of an hour: all that lie in one lie in one rollup of each kind,
 * as clocks of no zone change within a quarter.
 */
export const gather = (increments: readonly Increment[], visits: readonly Visit[] = []): Increment[] => {
  const parts = new Map<string, { group: Group; acceptedAt: Date; by: Record<string, number> }>();
  const partOf = ({ group, acceptedAt }: Visit): Record<string, number> => {
    const quarter = Math.floor(acceptedAt.getTime() / quarterMs);
    const { tenant, channel, provider, lane, country, region, template } = group;
    const key = JSON.stringify([quarter, tenant, channel, provider, lane, country, region, template]);
    const known = parts.get(key);
    if (known) return known.by;
    const by = {};
    parts.set(key, { group, acceptedAt: new Date(quarter * quarterMs), by });
    return by;
  };
  for (const increment of increments) {
    const by = partOf(increment);
    for (const field in increment.by) by[field] = (by[field] ?? 0) + (increment.by[field] ?? 0);
  }
  for (const visit of visits) partOf(visit);
  return [...parts.values()];
};

/** What a rollup is of. */
export type RollupIdentity = Group & Pick<RollupDocument, "_id" | "from">;

/** What increments change in one rollup. */
export interface RollupChange {
  readonly identity: RollupIdentity;
  readonly by: Readonly<Record<string, number>>;
}

const unitOf = { hourly: "hour", daily: "day", hourly_totals: "hour", daily_totals: "day" } as const;

/** Whether it counts over all countries and regions. */
export const isTotal = (kind: RollupKind): boolean => kind === "hourly_totals" || kind === "daily_totals";

const written = (part: string | null): string => (part === null ? "" : encodeURIComponent(part));

/** First part of the ids of rollups that begin then: they sort by time. */
export const rollupPrefix = (from: Date): string => from.toISOString().slice(0, 16);

/** The rollup that counts a message of the group. */
export const identityOf = (kind: RollupKind, group: Group, acceptedAt: Date, calendar: Calendar): RollupIdentity => {
  const from = calendar.beginOf(unitOf[kind], acceptedAt);
  const own = isTotal(kind) ? { ...group, country: null, region: null } : group;
  return { _id: [rollupPrefix(from), ...dimensions.map((dimension) => written(own[dimension]))].join("|"), from, ...own };
};

/** What the increments change in each rollup that they touch, added up: also where that comes to nothing. */
export const touchedBy = (kind: RollupKind, increments: readonly Increment[], calendar: Calendar): RollupChange[] => {
  const parts = new Map<string, { identity: RollupIdentity; by: Record<string, number> }>();
  for (const { group, acceptedAt, by } of increments) {
    const identity = identityOf(kind, group, acceptedAt, calendar);
    const part = parts.get(identity._id) ?? { identity, by: {} };
    parts.set(identity._id, part);
    for (const [field, count] of Object.entries(by)) part.by[field] = (part.by[field] ?? 0) + count;
  }
  return [...parts.values()].map(({ identity, by }) => ({ identity, by: addUp(by) }));
};

/** The changes of each rollup, without those that come to nothing: where documents and counts change in one transaction. */
export const changesOf = (kind: RollupKind, increments: readonly Increment[], calendar: Calendar): RollupChange[] =>
  touchedBy(kind, increments, calendar).filter(({ by }) => Object.keys(by).length > 0);

/** The rollups that count these documents, made from nothing. */
export const rollupsOf = (kind: RollupKind, documents: Iterable<MessageDocument>, calendar: Calendar): RollupDocument[] => {
  const increments = gather([...documents].flatMap((document) => incrementsOf(undefined, document)));
  return changesOf(kind, increments, calendar).flatMap(({ identity, by }) => changeRollup(undefined, identity, by) ?? []);
};

const empty = { messages: 0, attempts: 0, statuses: {}, reasons: {}, engagements: {}, costs: {}, toSent: {}, toDelivered: {} };

/** A rollup with its counts changed; undefined when no message is left in it. */
export const changeRollup = (
  stored: RollupDocument | undefined,
  identity: RollupIdentity,
  by: Readonly<Record<string, number>>,
): RollupDocument | undefined => {
  const rollup: RollupDocument = { ...identity, ...(stored ?? empty) };
  const messages = rollup.messages + (by.messages ?? 0);
  if (messages === 0) return undefined;
  const named = Object.fromEntries(countedByName.map((field) => [field, {} as Record<string, number>]));
  for (const [path, count] of Object.entries(by)) {
    const [field = "", name] = path.split(".");
    const counts = named[field];
    if (counts && name !== undefined) counts[name] = count;
  }
  const changed = countedByName.map((field) => [field, addUp(rollup[field], named[field] ?? {})]);
  return { ...rollup, ...Object.fromEntries(changed), messages, attempts: rollup.attempts + (by.attempts ?? 0) };
};
