import type { CarillonError } from "../../../schemas/errors.js";
import { type Filter, mostSums, type RollupDocument, type RollupSum, type SumOptions } from "../lineage-store.js";
import { type Counts, noCounts } from "../measures.js";
import { matching } from "./query-documents.js";
import { refusedQuery } from "./refused-query.js";

type Sum = { by: RollupSum["by"] } & Counts;

/** Zero counts. */
export const emptySum = (by: RollupSum["by"]): Sum => ({ by, ...noCounts() });

export const tooManySums = (): CarillonError =>
  refusedQuery("by", `makes more than ${mostSums} groups`, "group by fewer fields, or use a shorter time range");

/** Adds up the matching rollups in this process. */
export const sumRollups = (rollups: Iterable<RollupDocument>, filter: Filter, { by, measures }: SumOptions): RollupSum[] => {
  const sums = new Map<string, Sum>();
  for (const rollup of matching(rollups, filter)) {
    if (rollup.messages === 0) continue;
    const values = by.map((field) => rollup[field]);
    const key = JSON.stringify(values);
    let sum = sums.get(key);
    if (!sum) {
      if (sums.size >= mostSums) throw tooManySums();
      sum = emptySum(Object.fromEntries(by.map((field, position) => [field, values[position] ?? null])));
      sums.set(key, sum);
    }
    sum.messages += rollup.messages;
    sum.attempts += rollup.attempts;
    for (const measure of measures) {
      const into = sum[measure];
      for (const [name, count] of Object.entries(rollup[measure])) into[name] = (into[name] ?? 0) + count;
    }
  }
  return [...sums.values()];
};
