import { Queue, Worker } from "bullmq";
import { Redis } from "ioredis";
import { quantile } from "../harness/result.js";
import type { TimersWorker } from "../workers/timers.js";

/** The same timers as delayed jobs of BullMQ, added in bulk; its worker takes many at once and does nothing with them. */
const { redis, prefix, count, withinMs } = JSON.parse(process.argv[2] ?? "{}") as TimersWorker;
const batch = 500;
const { hostname, port } = new URL(redis);
const connection = { host: hostname, port: Number(port), maxRetriesPerRequest: null };
const client = new Redis(connection);
const usedMb = async (): Promise<number> => Number(/used_memory:(\d+)/.exec(await client.info("memory"))?.[1] ?? 0) / 2 ** 20;
const queue = new Queue("timers", { connection, prefix, defaultJobOptions: { removeOnComplete: true } });
const value = "x".repeat(200);

const beforeMb = await usedMb();
const firstMs = Date.now() + 1_000 + count / 3;
const begin = performance.now();
for (let start = 0; start < count; start += batch * 4) {
  const parts = [0, 1, 2, 3].map((part) => start + part * batch).filter((from) => from < count);
  await Promise.all(
    parts.map((from) =>
      queue.addBulk(
        Array.from({ length: Math.min(batch, count - from) }, (_, index) => {
          const dueAtMs = firstMs + Math.floor(((from + index) * withinMs) / count);
          return { name: "timer", data: { dueAtMs, value }, opts: { delay: dueAtMs - Date.now() } };
        }),
      ),
    ),
  );
}
const scheduledPerSecond = (count / (performance.now() - begin)) * 1_000;
const redisMb = (await usedMb()) - beforeMb;

const lateness: number[] = [];
const worker = new Worker<{ dueAtMs: number }>(
  "timers",
  async (job) => {
    lateness.push(Date.now() - job.data.dueAtMs);
  },
  { connection, prefix, concurrency: 200 },
);
while (lateness.length < count) await new Promise((resolve) => setTimeout(resolve, 100));
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
await worker.close();
await queue.obliterate({ force: true });
await queue.close();
client.disconnect();
