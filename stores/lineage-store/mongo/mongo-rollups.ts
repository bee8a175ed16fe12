import type { AnyBulkWriteOperation, Collection, Db } from "mongodb";
import type { Calendar } from "../calendar.js";
import { type PositionedEvent, type RollupDocument, type RollupKind, rollupKinds } from "../lineage-store.js";
import {
  gather,
  type Increment,
  identityOf,
  type PositionedIncrement,
  quarterMs,
  type RollupChange,
  touchedBy,
  type Visit,
} from "../rollup.js";
import { untilUndisturbed } from "./conflicts.js";
import { areDuplicates } from "./mongo-errors.js";

/** A rollup with the offset up to which it has counted each partition of the lineage topic. */
export interface CountedRollup extends RollupDocument {
  readonly applied?: Readonly<Record<string, number>>;
}

export const appliedField = (partition: number): string => `p${partition}`;

export const rollupsOf = (database: Db, kind: RollupKind): Collection<CountedRollup> => database.collection(`rollups_${kind}`);

const writeOf = ({ identity, by }: RollupChange, applied: object, filter: object = {}): AnyBulkWriteOperation<CountedRollup> => {
  const { _id, ...group } = identity;
  const counts = Object.keys(by).length > 0 ? { $inc: by } : {};
  const bare = "messages" in by ? {} : { messages: 0 };
  return {
    updateOne: { filter: { _id, ...filter }, update: { ...counts, $set: applied, $setOnInsert: { ...group, ...bare } }, upsert: true },
  };
};

/** Changes the rollups that still match their filter. Resolves false if some did not match; these stay unchanged. */
const addWhere = async (collection: Collection<CountedRollup>, writes: AnyBulkWriteOperation<CountedRollup>[]): Promise<boolean> => {
  if (writes.length === 0) return true;
  try {
    await collection.bulkWrite(writes, { ordered: false });
    return true;
  } catch (error) {
    // the filter did not match, so the upsert would have created the rollup a second time
    if (areDuplicates(error)) return false;
    throw error;
  }
};

/**
 * Adds the changes on the assumption that they are new. Resolves false if a rollup has already counted some of them; such rollups stay
 * unchanged.
 */
const addAsNew = (
  collection: Collection<CountedRollup>,
  changes: readonly RollupChange[],
  starts: ReadonlyMap<number, number>,
  applied: object,
): Promise<boolean> => {
  const unknown = Object.fromEntries(
    [...starts].map(([partition, start]) => [`applied.${appliedField(partition)}`, { $not: { $gte: start } }]),
  );
  return addWhere(
    collection,
    changes.map((change) => writeOf(change, applied, unknown)),
  );
};

/**
 * Adds to each rollup the part of redelivered changes that it has not counted yet. Resolves false if another writer changed a rollup
 * meanwhile.
 */
const addUnknown = async (
  collection: Collection<CountedRollup>,
  kind: RollupKind,
  calendar: Calendar,
  increments: readonly PositionedIncrement[],
  partitions: Iterable<number>,
  applied: object,
): Promise<boolean> => {
  const idOf = ({ group, acceptedAt }: Increment): string => identityOf(kind, group, acceptedAt, calendar)._id;
  const ids = [...new Set(increments.map(idOf))];
  const stored = new Map((await collection.find({ _id: { $in: ids } }).toArray()).map((rollup) => [rollup._id, rollup]));
  const knownTo = (id: string, partition: number): number | undefined => stored.get(id)?.applied?.[appliedField(partition)];
  const unknown = increments.filter((increment) => increment.offset > (knownTo(idOf(increment), increment.partition) ?? -1));
  const own = [...partitions];
  const asRead = (id: string): object =>
    Object.fromEntries(own.map((partition) => [`applied.${appliedField(partition)}`, knownTo(id, partition) ?? { $exists: false }]));
  return addWhere(
    collection,
    touchedBy(kind, unknown, calendar).map((change) => writeOf(change, applied, asRead(change.identity._id))),
  );
};

/** A batch's changes to the rollups of each kind. */
export type RollupChanges = Readonly<Record<RollupKind, readonly RollupChange[]>>;

/** Throws RangeError for a time outside any hour or day. */
export const assertCountable = (calendar: Calendar, increments: readonly Increment[]): void => {
  const quarters = new Map(increments.map((increment) => [Math.floor(increment.acceptedAt.getTime() / quarterMs), increment]));
  for (const { group, acceptedAt } of quarters.values()) for (const kind of rollupKinds) identityOf(kind, group, acceptedAt, calendar);
};

/** Adds up increments and visits by rollup. */
export const changesIn = (calendar: Calendar, increments: readonly Increment[], visits: readonly Visit[] = []): RollupChanges => {
  const gathered = gather(increments, visits);
  return Object.fromEntries(rollupKinds.map((kind) => [kind, touchedBy(kind, gathered, calendar)])) as Record<RollupKind, RollupChange[]>;
};

/** A batch of the log and its changes to the counts, in total and by record. */
export interface CountedBatch {
  readonly events: readonly PositionedEvent[];
  readonly changes: RollupChanges;
  byRecord(): readonly PositionedIncrement[];
}

/**
 * Adds each increment once, despite redelivery. A rollup stores, for each partition, the offset up to which it has counted, and skips
 * redelivered records before it. Every rollup that a record of the batch touches stores the offset, even if the batch's changes cancel out.
 * After a crash the batch may return in other portions, with some of its documents already written.
 */
export const addIncrements = async (database: Db, calendar: Calendar, { events, changes, byRecord }: CountedBatch): Promise<void> => {
  const [starts, ends] = [new Map<number, number>(), new Map<number, number>()];
  for (const { partition, offset } of events) {
    starts.set(partition, Math.min(offset, starts.get(partition) ?? offset));
    ends.set(partition, Math.max(offset, ends.get(partition) ?? offset));
  }
  const applied = Object.fromEntries([...ends].map(([partition, end]) => [`applied.${appliedField(partition)}`, end]));
  await Promise.all(
    rollupKinds.map(async (kind) => {
      const collection = rollupsOf(database, kind);
      const own = changes[kind];
      if (own.length === 0 || (await addAsNew(collection, own, starts, applied))) return;
      const each = byRecord();
      await untilUndisturbed(() => addUnknown(collection, kind, calendar, each, starts.keys(), applied));
    }),
  );
};
