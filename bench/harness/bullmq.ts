import { type BulkJobOptions, Queue } from "bullmq";
import { Redis } from "ioredis";

interface Job {
  readonly name: string;
  readonly data: object;
  readonly opts?: BulkJobOptions;
}

/** Jobs of a BullMQ queue, and their Redis. */
export interface Jobs {
  readonly client: Redis;
  readonly queue: Queue;
  load(count: number, jobOf: (index: number) => Job, progress: (loaded: number) => void): Promise<void>;
  /** Removes all keys with the prefix, and closes the connections. */
  remove(): Promise<void>;
}

const bite = 1_000;

/** Removes finished jobs, as BullMQ recommends. */
export const openJobs = async (redis: string, prefix: string, name: string): Promise<Jobs> => {
  const { hostname, port } = new URL(redis);
  const client = new Redis(redis);
  const connection = { host: hostname, port: Number(port) };
  const queue = new Queue(name, { connection, prefix, defaultJobOptions: { removeOnComplete: true } });
  await queue.waitUntilReady();
  return {
    client,
    queue,
    load: async (count, jobOf, progress) => {
      for (let start = 0; start < count; start += bite) {
        await queue.addBulk(Array.from({ length: Math.min(bite, count - start) }, (_, index) => jobOf(start + index)));
        progress(start);
      }
    },
    remove: async () => {
      await queue.close();
      const keys = await client.keys(`${prefix}*`);
      for (let start = 0; start < keys.length; start += bite) await client.unlink(keys.slice(start, start + bite));
      client.disconnect();
    },
  };
};
