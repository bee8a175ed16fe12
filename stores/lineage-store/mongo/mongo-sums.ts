import type { Collection, Document } from "mongodb";
import type { CountedByName } from "../dimensions.js";
import { type Filter, mostSums, type RollupBy, type RollupSum, type SumOptions } from "../lineage-store.js";
import { emptySum, tooManySums } from "../query/sum-rollups.js";

const keyOf = (by: readonly RollupBy[], id: Document): string =>
  JSON.stringify(by.map((field) => (id[field] instanceof Date ? id[field].getTime() : (id[field] ?? null))));

/** Adds up rollups on the server: one query for the plain counts and one for each of the counts by name, all concurrently. */
export const sumInMongo = async (
  collection: Collection,
  filter: Filter,
  { by, measures }: SumOptions,
  maxTimeMS: number,
): Promise<RollupSum[]> => {
  const group = Object.fromEntries(by.map((field) => [field, `$${field}`]));
  const match = { $match: { $and: [filter, { messages: { $gt: 0 } }] } };
  const plain = (): Promise<Document[]> =>
    collection
      .aggregate(
        [match, { $group: { _id: group, messages: { $sum: "$messages" }, attempts: { $sum: "$attempts" } } }, { $limit: mostSums + 1 }],
        { maxTimeMS },
      )
      .toArray();
  const named = async (measure: CountedByName): Promise<readonly [CountedByName, Document[]]> => {
    const rows = await collection
      .aggregate(
        [
          match,
          { $project: { ...Object.fromEntries(by.map((field) => [field, 1])), counted: { $objectToArray: `$${measure}` } } },
          { $unwind: "$counted" },
          { $group: { _id: { ...group, name: "$counted.k" }, count: { $sum: "$counted.v" } } },
        ],
        { maxTimeMS },
      )
      .toArray();
    return [measure, rows];
  };
  const [rows, ...counted] = await Promise.all([plain(), ...measures.map(named)]);
  if (rows.length > mostSums) throw tooManySums();
  const sums = new Map(
    rows.map(({ _id, messages, attempts }): [string, RollupSum] => [
      keyOf(by, _id),
      {
        ...emptySum(Object.fromEntries(by.map((field) => [field, _id[field] ?? null]))),
        messages,
        attempts: attempts ?? 0,
      },
    ]),
  );
  for (const [measure, named] of counted)
    for (const { _id, count } of named) {
      const sum = sums.get(keyOf(by, _id));
      if (sum && count !== 0) (sum[measure] as Record<string, number>)[_id.name] = count;
    }
  return [...sums.values()];
};
