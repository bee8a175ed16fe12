import type { AnyBulkWriteOperation, Db } from "mongodb";
import { type Increment, rollupId } from "./fold.js";
import type { PositionedEvent, RollupDocument } from "./lineage-store.js";

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

/**
 * Adds each increment once, whatever is repeated: a rollup remembers per partition how far it has counted, and what
 * comes again from before that is passed over. (A batch is of one partition, and of one channel here.)
 */
export const addIncrements = async (database: Db, increments: readonly Increment[], batch: readonly PositionedEvent[]): Promise<void> => {
  if (increments.length === 0) return;
  const collection = database.collection<CountedRollup>("rollups_daily");
  const ids = [...new Set(increments.map(({ rollup }) => rollupId(rollup)))];
  const stored = new Map((await collection.find({ _id: { $in: ids } }).toArray()).map((rollup) => [rollup._id, rollup]));
  const ends = new Map<number, number>();
  for (const { partition, offset } of batch) ends.set(partition, Math.max(offset, ends.get(partition) ?? -1));
  const applied = Object.fromEntries([...ends].map(([partition, end]) => [`applied.${appliedField(partition)}`, end]));
  const writes = [...additionsOf(increments, stored)].map(
    ([id, { rollup, counts }]): AnyBulkWriteOperation<CountedRollup> => ({
      updateOne: {
        filter: { _id: id },
        update: {
          $inc: Object.fromEntries(Object.entries(counts).map(([field, count]) => [`counts.${field}`, count])),
          $set: applied,
          $setOnInsert: { ...rollup },
        },
        upsert: true,
      },
    }),
  );
  if (writes.length > 0) await collection.bulkWrite(writes, { ordered: false });
};
