import { readFileSync } from "node:fs";
import { embedded } from "../benchmarks/embedded.js";
import { lineage } from "../benchmarks/lineage.js";
import { carillon, relay } from "../benchmarks/pipeline.js";
import { timers } from "../benchmarks/timers.js";
import type { Benchmark, BenchmarkContext, Ratio } from "../harness/result.js";

/**
 * The accepted cost of a change: a lower ratio, relative to the stored one, fails. The same code reached 0.82 on another day on the same
 * machine, and 1.1 on a third.
 */
export const leastShare = 0.7;
/** Two cores that are shared with servers give noisy results, so the best of this many runs counts. */
export const mostRuns = 3;

/** Only Carillon and the bare relay with each client, from the pipeline's benchmark. */
const relayed: Benchmark = {
  name: "relayed",
  work: "the pipeline compared with the bare relay",
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

/** Each ratio of the gate by benchmark and name. Higher is better. */
export type Ratios = Readonly<Record<string, number>>;

const better = ({ value, atLeast }: Ratio): number => (atLeast ? value : 1 / value);

export const measureOnce = async (benchmark: Benchmark, context: BenchmarkContext): Promise<Ratios> => {
  const { ratios } = await benchmark.run(context);
  // machines differ in speed, so only comparisons with a peer on the same machine are stored
  const ofPeers = ratios.filter(({ ofMachine }) => !ofMachine);
  return Object.fromEntries(ofPeers.map((ratio) => [`${benchmark.name}: ${ratio.name}`, better(ratio)]));
};

export const baselineUrl = new URL("baseline.json", import.meta.url);
export const readBaseline = (): Ratios => JSON.parse(readFileSync(baselineUrl, "utf8")) as Ratios;

/** Describes the ratios that are below the stored ones. */
export const shortfalls = (measured: Ratios, baseline: Ratios): string[] =>
  Object.entries(measured).flatMap(([name, value]) => {
    const kept = baseline[name];
    if (kept === undefined) return [`${name} has no kept ratio: npm run gate -- --save`];
    return value >= kept * leastShare
      ? []
      : [`${name}: ${value.toFixed(2)}, which is ${(value / kept).toFixed(2)} of the kept ${kept.toFixed(2)}`];
  });

/** The better value of each ratio. */
export const bestOf = (a: Ratios, b: Ratios): Ratios =>
  Object.fromEntries(Object.entries(b).map(([name, value]) => [name, Math.max(value, a[name] ?? Number.NEGATIVE_INFINITY)]));
