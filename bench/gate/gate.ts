import { readFileSync } from "node:fs";
import { embedded } from "../benchmarks/embedded.js";
import { lineage } from "../benchmarks/lineage.js";
import { carillon, relay } from "../benchmarks/pipeline.js";
import { timers } from "../benchmarks/timers.js";
import type { Benchmark, BenchmarkContext, Ratio } from "../harness/result.js";

/**
 * What a change may cost before it is refused: a ratio below this share of the kept one. The same code gave 0.82 of it on
 * another day on the same machine, and 1.1 on a third.
 */
export const leastShare = 0.7;
/** Two cores that servers share are noisy: the best of so many runs counts. */
export const mostRuns = 3;

/** Carillon beside the bare relay by each client, and nothing else of the pipeline's benchmark. */
const relayed: Benchmark = {
  name: "relayed",
  work: "the pipeline beside the bare relay",
  servers: ["KAFKA", "REDIS", "MONGO", "REGISTRY"],
  run: async (context) => {
    const count = 20_000;
    const ratios: Ratio[] = [];
    for (const client of ["kafkajs", "platformatic"] as const) {
      const [bare, ours] = [await relay(context, count, client), await carillon(context, count, client, "at_least_once")];
      const value = (ours.measures.messagesPerSecond ?? 0) / (bare.measures.messagesPerSecond ?? 1);
      ratios.push({ name: `Carillon / bare relay, by ${client}`, value, aim: 0, atLeast: true });
    }
    return { contestants: [], ratios, notes: [] };
  },
};

export const gated: readonly { readonly benchmark: Benchmark; readonly scale: number }[] = [
  { benchmark: embedded, scale: 0.2 },
  { benchmark: lineage, scale: 0.25 },
  { benchmark: timers, scale: 0.1 },
  { benchmark: relayed, scale: 1 },
];

/** Each ratio of the gate, more being better, by benchmark and name. */
export type Ratios = Readonly<Record<string, number>>;

const better = ({ value, atLeast }: Ratio): number => (atLeast ? value : 1 / value);

export const measureOnce = async (benchmark: Benchmark, context: BenchmarkContext): Promise<Ratios> => {
  const { ratios } = await benchmark.run(context);
  // another machine is faster or slower by itself: what is compared with a peer on the same one is kept alone
  const ofPeers = ratios.filter(({ ofMachine }) => !ofMachine);
  return Object.fromEntries(ofPeers.map((ratio) => [`${benchmark.name}: ${ratio.name}`, better(ratio)]));
};

export const baselineUrl = new URL("baseline.json", import.meta.url);
export const readBaseline = (): Ratios => JSON.parse(readFileSync(baselineUrl, "utf8")) as Ratios;

/** The ratios that fall short of the kept ones, in words. */
export const shortfalls = (measured: Ratios, baseline: Ratios): string[] =>
  Object.entries(measured).flatMap(([name, value]) => {
    const kept = baseline[name];
    if (kept === undefined) return [`${name} has no kept ratio: npm run gate -- --save`];
    return value >= kept * leastShare
      ? []
      : [`${name}: ${value.toFixed(2)}, which is ${(value / kept).toFixed(2)} of the kept ${kept.toFixed(2)}`];
  });

/** The better of each. */
export const bestOf = (a: Ratios, b: Ratios): Ratios =>
  Object.fromEntries(Object.entries(b).map(([name, value]) => [name, Math.max(value, a[name] ?? Number.NEGATIVE_INFINITY)]));
