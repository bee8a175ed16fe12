import type { AnyBulkWriteOperation, Collection, Db } from "mongodb";
import { type Increment, rollupId } from "./fold.js";
import type { PositionedEvent, RollupDocument } from "./lineage-store.js";
import { areDuplicates } from "./mongo-errors.js";

/** A rollup with, for each partition of the lineage topic, the offset up to which it has counted. */
interface CountedRollup extends RollupDocument {
  readonly applied?: Readonly<Record<string, number>>;
}

const appliedField = (partition: number): string => `p${partition}`;

interface Addition {
  readonly rollup: Increment["rollup"];
  readonly counts: Record<string, number>;
}

const additionsOf = (increments: readonly Increment[], stored: ReadonlyMap<string, CountedRollup>): Map<string, Addition> => {
  const additions = new Map<string, Addition>();
  for (const { rollup, field, partition, offset } of increments) {
    const id = rollupId(rollup);
    if (offset <= (stored.get(id)?.applied?.[appliedField(partition)] ?? -1)) continue;
    const addition = additions.get(id) ?? { rollup, counts: {} };
    addition.counts[field] = (addition.counts[field] ?? 0) + 1;
    additions.set(id, addition);
  }
  return additions;
};

const writeOf = (id: string, { rollup, counts }: Addition, applied: object, filter: object = {}): AnyBulkWriteOperation<CountedRollup> => ({
  updateOne: {
    filter: { _id: id, ...filter },
    update: {
      $inc: Object.fromEntries(Object.entries(counts).map(([field, count]) => [`counts.${field}`, count])),
      $set: applied,
      $setOnInsert: { ...rollup },
    },
    upsert: true,
  },
});

/** The batch as if it had never come before. False when some rollup knows it, in whole or in part: those were left as they are. */
const addAsNew = async (
  collection: Collection<CountedRollup>,
  increments: readonly Increment[],
  starts: ReadonlyMap<number, number>,
  applied: object,
): Promise<boolean> => {
  const unknown = Object.fromEntries(
    [...starts].map(([partition, start]) => [`applied.${appliedField(partition)}`, { $not: { $gte: start } }]),
  );
  const writes = [...additionsOf(increments, new Map())].map(([id, addition]) => writeOf(id, addition, applied, unknown));
  try {
    await collection.bulkWrite(writes, { ordered: false });
    return true;
  } catch (error) {
    // the filter did not match, so that the rollup would have been made a second time
    if (areDuplicates(error)) return false;
    throw error;
  }
};

/**
 * Adds each increment once, whatever is repeated: a rollup remembers per partition how far it has counted, and what
 * comes again from before that is passed over. (A batch is of one partition, and of one channel here.)
 */
export const addIncrements = async (database: Db, increments: readonly Increment[], batch: readonly PositionedEvent[]): Promise<void> => {
  if (increments.length === 0) return;
  const collection = database.collection<CountedRollup>("rollups_daily");
  const [starts, ends] = [new Map<number, number>(), new Map<number, number>()];
  for (const { partition, offset } of batch) {
    starts.set(partition, Math.min(offset, starts.get(partition) ?? offset));
    ends.set(partition, Math.max(offset, ends.get(partition) ?? offset));
  }
  const applied = Object.fromEntries([...ends].map(([partition, end]) => [`applied.${appliedField(partition)}`, end]));
  if (await addAsNew(collection, increments, starts, applied)) return;
  const ids = [...new Set(increments.map(({ rollup }) => rollupId(rollup)))];
  const stored = new Map((await collection.find({ _id: { $in: ids } }).toArray()).map((rollup) => [rollup._id, rollup]));
  const writes = [...additionsOf(increments, stored)].map(([id, addition]) => writeOf(id, addition, applied));
  if (writes.length > 0) await collection.bulkWrite(writes, { ordered: false });
};
