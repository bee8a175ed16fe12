import { Queue, Worker } from "bullmq";
import { Redis } from "ioredis";
import { dueTimes, printTimers, setAll, usedMb } from "../harness/timer-work.js";
import type { TimersWorker } from "../workers/timers.js";

/** The same timers as BullMQ delayed jobs, added in bulk. The worker takes many at once and does nothing with them. */
const { redis, prefix, count, withinMs } = JSON.parse(process.argv[2] ?? "{}") as TimersWorker;
const { hostname, port } = new URL(redis);
const connection = { host: hostname, port: Number(port), maxRetriesPerRequest: null };
const client = new Redis(connection);
const queue = new Queue("timers", { connection, prefix, defaultJobOptions: { removeOnComplete: true } });
const value = "x".repeat(200);

const beforeMb = await usedMb(client);
const dueAtMsOf = dueTimes(count, withinMs);
const scheduledPerSecond = await setAll(count, (indexes) =>
  queue.addBulk(
    indexes.map((index) => {
      const dueAtMs = dueAtMsOf(index);
      return { name: "timer", data: { dueAtMs, value }, opts: { delay: dueAtMs - Date.now() } };
    }),
  ),
);
const redisMb = (await usedMb(client)) - beforeMb;

const lateness: number[] = [];
const worker = new Worker<{ dueAtMs: number }>(
  "timers",
  async (job) => {
    lateness.push(Date.now() - job.data.dueAtMs);
  },
  { connection, prefix, concurrency: 200 },
);
while (lateness.length < count) await new Promise((resolve) => setTimeout(resolve, 100));
printTimers(lateness, { scheduledPerSecond, redisMb });
await worker.close();
await queue.obliterate({ force: true });
await queue.close();
client.disconnect();
