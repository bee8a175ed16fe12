import { diagnostics } from "../../engine/diagnostics.js";
import { startExpireListener } from "../../sources/expire-listener.js";
import { systemClock } from "../../stores/clock.js";
import { connectRedis } from "../../stores/redis/connection.js";
import { createRedisTimers } from "../../stores/timers/redis-timers.js";
import { dueTimes, printTimers, setAll, usedMb } from "../harness/timer-work.js";

/** Timers with evenly distributed due times: the rate of setting them, their lateness, and their cost in Redis. */
export interface TimersWorker {
  readonly redis: string;
  readonly prefix: string;
  readonly count: number;
  readonly withinMs: number;
}

const { redis, prefix, count, withinMs } = JSON.parse(process.argv[2] ?? "{}") as TimersWorker;
const connection = connectRedis({ servers: { url: redis }, prefix }, (error) => console.error(error));
const timers = createRedisTimers(connection);
const value = Buffer.alloc(200, 1);
const beforeMb = await usedMb(connection.client);
const dueAtMsOf = dueTimes(count, withinMs);
const scheduledPerSecond = await setAll(count, (indexes) =>
  timers.schedule(
    indexes.map((index) => ({ id: `t-${index}`, dueAtMs: dueAtMsOf(index), record: { topic: "fired", key: String(index), value } })),
  ),
);
const redisMb = (await usedMb(connection.client)) - beforeMb;

const lateness: number[] = [];
const origin = { instance: "benchmark" };
diagnostics.trouble.subscribe(origin, ({ error }) => console.error(error));
diagnostics.timer.subscribe(origin, ({ latenessMs }) => lateness.push(latenessMs));
const listener = await startExpireListener(
  { listener: true, sweepEveryMs: 250, graceMs: 1_000, leaseMs: 15_000, batch: 1_000 },
  {
    timers,
    writer: { append: async () => undefined },
    clock: systemClock,
    origin,
  },
);
while (lateness.length < count) await systemClock.sleep(100);
printTimers(lateness, { scheduledPerSecond, redisMb });
await listener.stop();
await timers.close();
await connection.close();
