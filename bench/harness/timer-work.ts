import type { Redis } from "ioredis";
import { quantile } from "./result.js";

const bite = 500;
const atOnce = 4;

/** Sets timers in portions, four at a time. Resolves with the rate per second. */
export const setAll = async (count: number, set: (indexes: readonly number[]) => Promise<unknown>): Promise<number> => {
  const begin = performance.now();
  for (let start = 0; start < count; start += bite * atOnce) {
    const bites = Array.from({ length: atOnce }, (_, part) => start + part * bite).filter((from) => from < count);
    await Promise.all(bites.map((from) => set(Array.from({ length: Math.min(bite, count - from) }, (_, index) => from + index))));
  }
  return (count / (performance.now() - begin)) * 1_000;
};

/** Evenly distributed due times in a period that starts once all timers can have been set. */
export const dueTimes = (count: number, withinMs: number): ((index: number) => number) => {
  const firstMs = Date.now() + 1_000 + Math.ceil(count / 3);
  return (index) => firstMs + Math.floor((index * withinMs) / count);
};

export const usedMb = async (client: Pick<Redis, "info">): Promise<number> =>
  Number(/used_memory:(\d+)/.exec(await client.info("memory"))?.[1] ?? 0) / 2 ** 20;

/** Prints the lateness and the cost of the timers. */
export const printTimers = (lateness: readonly number[], more: { readonly scheduledPerSecond: number; readonly redisMb: number }): void => {
  console.log(
    JSON.stringify({
      p99LateMs: quantile(lateness, 0.99),
      p50LateMs: quantile(lateness, 0.5),
      mostLateMs: quantile(lateness, 1),
      ...more,
      residentMb: process.memoryUsage.rss() / 2 ** 20,
    }),
  );
};
