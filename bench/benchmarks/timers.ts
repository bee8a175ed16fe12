import { startWorker } from "../harness/child.js";
import { uniquePrefix } from "../harness/kafka.js";
import { atScale, type Benchmark, type BenchmarkContext, type Contestant } from "../harness/result.js";
import type { TimersWorker } from "../workers/timers.js";

const fullCount = 100_000;
const withinMs = 60_000;

const measure = async (context: BenchmarkContext, name: string, file: string, count: number): Promise<Contestant> => {
  const options: TimersWorker = {
    redis: context.address("REDIS"),
    prefix: uniquePrefix(),
    count,
    withinMs: Math.max(10_000, withinMs * context.scale),
  };
  context.progress(`${name}: ${count} timers`);
  const child = startWorker(file, options);
  try {
    return { name, measures: (await child.line()) as Record<string, number> };
  } finally {
    await child.stop();
  }
};

export const timers: Benchmark = {
  name: "timers",
  work: "100,000 timers due within a minute",
  servers: ["REDIS"],
  run: async (context) => {
    const count = atScale(fullCount, context.scale);
    const ours = await measure(context, "Carillon's timers", "workers/timers.ts", count);
    const theirs = await measure(context, "BullMQ delayed jobs", "peers/bullmq-timers.ts", count);
    const ratio = (measure: string): number => (ours.measures[measure] ?? Number.NaN) / (theirs.measures[measure] ?? Number.NaN);
    return {
      contestants: [ours, theirs],
      ratios: [
        { name: "p99 of lateness, Carillon / BullMQ", value: ratio("p99LateMs"), aim: 1, atLeast: false },
        { name: "timers taken a second, Carillon / BullMQ", value: ratio("scheduledPerSecond"), aim: 1, atLeast: true },
        { name: "memory in Redis, Carillon / BullMQ", value: ratio("redisMb"), aim: 1, atLeast: false },
      ],
      notes: [
        `${count} timers with a payload of 200 bytes, set in batches of 500, four at once, all before the first is due.`,
        "Both ignore the timers that fire. BullMQ: one worker, 200 concurrent jobs.",
      ],
    };
  },
};
