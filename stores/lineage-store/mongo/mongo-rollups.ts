import type { AnyBulkWriteOperation, Collection, Db } from "mongodb";
import type { Calendar } from "../calendar.js";
import { type PositionedEvent, type RollupDocument, type RollupKind, rollupKinds } from "../lineage-store.js";
import { type Increment, identityOf, type PositionedIncrement, type RollupChange, touchedBy, type Visit } from "../rollup.js";
import { areDuplicates } from "./mongo-errors.js";

/** A rollup with, for each partition of the lineage topic, the offset up to which it has counted. */
export interface CountedRollup extends RollupDocument {
  readonly applied?: Readonly<Record<string, number>>;
}

const appliedField = (partition: number): string => `p${partition}`;

export const rollupsOf = (database: Db, kind: RollupKind): Collection<CountedRollup> => database.collection(`rollups_${kind}`);

const writeOf = ({ identity, by }: RollupChange, applied: object, filter: object = {}): AnyBulkWriteOperation<CountedRollup> => {
  const { _id, ...group } = identity;
  const counts = Object.keys(by).length > 0 ? { $inc: by } : {};
  const bare = "messages" in by ? {} : { messages: 0 };
  return {
    updateOne: { filter: { _id, ...filter }, update: { ...counts, $set: applied, $setOnInsert: { ...group, ...bare } }, upsert: true },
  };
};

/** The changes as if they had never come before. False when some rollup knows them, in whole or in part: those were left as they are. */
const addAsNew = async (
  collection: Collection<CountedRollup>,
  changes: readonly RollupChange[],
  starts: ReadonlyMap<number, number>,
  applied: object,
): Promise<boolean> => {
  const unknown = Object.fromEntries(
    [...starts].map(([partition, start]) => [`applied.${appliedField(partition)}`, { $not: { $gte: start } }]),
  );
  try {
    await collection.bulkWrite(
      changes.map((change) => writeOf(change, applied, unknown)),
      { ordered: false },
    );
    return true;
  } catch (error) {
    // the filter did not match, so that the rollup would have been made a second time
    if (areDuplicates(error)) return false;
    throw error;
  }
};

/** What each rollup does not know yet of changes that came before, in whole or in part. */
const addUnknown = async (
  collection: Collection<CountedRollup>,
  kind: RollupKind,
  calendar: Calendar,
  increments: readonly PositionedIncrement[],
  applied: object,
): Promise<void> => {
  const idOf = ({ group, acceptedAt }: Increment): string => identityOf(kind, group, acceptedAt, calendar)._id;
  const ids = [...new Set(increments.map(idOf))];
  const stored = new Map((await collection.find({ _id: { $in: ids } }).toArray()).map((rollup) => [rollup._id, rollup]));
  const unknown = increments.filter(
    (increment) => increment.offset > (stored.get(idOf(increment))?.applied?.[appliedField(increment.partition)] ?? -1),
  );
  const writes = touchedBy(kind, unknown, [], calendar).map((change) => writeOf(change, applied));
  if (writes.length > 0) await collection.bulkWrite(writes, { ordered: false });
};

/** A batch of the log, of one channel: what it changes in the counts, in sum and by record. */
export interface CountedBatch {
  readonly events: readonly PositionedEvent[];
  readonly increments: readonly Increment[];
  readonly visits: readonly Visit[];
  byRecord(): readonly PositionedIncrement[];
}

/**
 * Adds each increment once, whatever is repeated: a rollup remembers per partition how far it has counted, and what
 * comes again from before that is passed over. A rollup that some record of the batch touches remembers it even where all
 * of them together come to nothing: after a crash the batch may come again in other portions, and some of its documents be
 * written already.
 */
export const addIncrements = async (
  database: Db,
  calendar: Calendar,
  { events, increments, visits, byRecord }: CountedBatch,
): Promise<void> => {
  if (increments.length === 0 && visits.length === 0) return;
  const [starts, ends] = [new Map<number, number>(), new Map<number, number>()];
  for (const { partition, offset } of events) {
    starts.set(partition, Math.min(offset, starts.get(partition) ?? offset));
    ends.set(partition, Math.max(offset, ends.get(partition) ?? offset));
  }
  const applied = Object.fromEntries([...ends].map(([partition, end]) => [`applied.${appliedField(partition)}`, end]));
  await Promise.all(
    rollupKinds.map(async (kind) => {
      const collection = rollupsOf(database, kind);
      const changes = touchedBy(kind, increments, visits, calendar);
      if (changes.length === 0 || (await addAsNew(collection, changes, starts, applied))) return;
      await addUnknown(collection, kind, calendar, byRecord(), applied);
    }),
  );
};
