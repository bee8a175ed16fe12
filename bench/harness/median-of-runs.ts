import { type BenchmarkResult, type Contestant, quantile, type Ratio } from "./result.js";

type Run = Pick<BenchmarkResult, "contestants" | "ratios" | "lines" | "notes">;

/** The middle value, or the mean of the middle two. */
export const medianOf = (values: readonly number[]): number =>
  values.length % 2 === 1 ? quantile(values, 0.5) : (quantile(values, 0.5) + quantile(values, 0.5 - 1 / values.length)) / 2;

const numbers = (values: readonly (number | undefined)[]): number[] => values.filter((value) => value !== undefined);

/** The median of one contestant's runs, for each measure separately. */
const middleOf = (name: string, all: readonly Contestant[]): Contestant => {
  const measures = [...new Set(all.flatMap((one) => Object.keys(one.measures)))];
  return {
    name,
    measures: Object.fromEntries(measures.map((measure) => [measure, medianOf(numbers(all.map((one) => one.measures[measure])))])),
  };
};

const named = <T extends { readonly name: string }>(runs: readonly (readonly T[])[], name: string): T[] =>
  runs.flatMap((run) => run.filter((one) => one.name === name));

/** Combines several runs: medians, and the range of each ratio. Lines are those of the last run. */
export const medianOfRuns = (runs: readonly Run[]): Run => {
  const [last] = runs.slice(-1);
  if (!last) throw new Error("there was no run");
  if (runs.length === 1) return last;
  const contestants = runs.map((run) => run.contestants);
  const ratioOf = (ratio: Ratio): Ratio => {
    const values = named(
      runs.map((run) => run.ratios),
      ratio.name,
    ).map(({ value }) => value);
    return { ...ratio, value: medianOf(values), lowest: Math.min(...values), highest: Math.max(...values) };
  };
  return {
    ...last,
    contestants: last.contestants.map(({ name }) => middleOf(name, named(contestants, name))),
    ratios: last.ratios.map(ratioOf),
  };
};
