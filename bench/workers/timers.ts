import { startExpireListener } from "../../sources/expire-listener.js";
import { systemClock } from "../../stores/clock.js";
import { connectRedis } from "../../stores/redis/connection.js";
import { createRedisTimers } from "../../stores/timers/redis-timers.js";
import { quantile } from "../harness/result.js";

/** Timers due evenly over a while: how fast they are taken, how late they fire, and what they cost in Redis. */
export interface TimersWorker {
  readonly redis: string;
  readonly prefix: string;
  readonly count: number;
  readonly withinMs: number;
}

const { redis, prefix, count, withinMs } = JSON.parse(process.argv[2] ?? "{}") as TimersWorker;
const batch = 500;
const connection = connectRedis(redis, prefix, (error) => console.error(error));
const timers = createRedisTimers(connection);
const usedMb = async (): Promise<number> => Number(/used_memory:(\d+)/.exec(await connection.client.info("memory"))?.[1] ?? 0) / 2 ** 20;

const value = Buffer.alloc(200, 1);
const beforeMb = await usedMb();
/** Far enough for all of them to be taken before the first is due. */
const firstMs = Date.now() + 1_000 + count / 3;
const begin = performance.now();
for (let start = 0; start < count; start += batch * 4) {
  const parts = [0, 1, 2, 3].map((part) => start + part * batch).filter((from) => from < count);
  await Promise.all(
    parts.map((from) =>
      timers.schedule(
        Array.from({ length: Math.min(batch, count - from) }, (_, index) => ({
          id: `t-${from + index}`,
          dueAtMs: firstMs + Math.floor(((from + index) * withinMs) / count),
          record: { topic: "fired", key: String(from + index), value },
        })),
      ),
    ),
  );
}
const scheduledPerSecond = (count / (performance.now() - begin)) * 1_000;
const redisMb = (await usedMb()) - beforeMb;

const lateness: number[] = [];
const listener = await startExpireListener(
  { listener: true, sweepEveryMs: 250, leaseMs: 15_000, batch: 1_000 },
  {
    timers,
    log: { append: async () => undefined },
    clock: systemClock,
    onError: (error) => console.error(error),
    onFired: (lateMs) => lateness.push(lateMs),
  },
);
while (lateness.length < count) await systemClock.sleep(100);
const residentMb = process.memoryUsage.rss() / 2 ** 20;
console.log(
  JSON.stringify({
    p99LateMs: quantile(lateness, 0.99),
    p50LateMs: quantile(lateness, 0.5),
    mostLateMs: quantile(lateness, 1),
    scheduledPerSecond,
    redisMb,
    residentMb,
  }),
);
await listener.stop();
await timers.close();
await connection.close();
