import { Queue, Worker } from "bullmq";
import { unavailable } from "../../schemas/errors.js";
import { createRedisClient, type RedisSettings } from "../redis/connection.js";
import type { Jobs, OnJobError, ScheduledJob } from "./jobs.js";

export type BullmqJobsOptions = Pick<RedisSettings, "servers" | "prefix">;

/** Above the longest wait for a job that BullMQ asks of Redis (10 s). */
const silenceMs = 20_000;
const keep = { removeOnComplete: { count: 100 }, removeOnFail: { count: 100 } };

/**
 * Jobs once per cluster, by BullMQ's job schedulers. Each job has a queue of its own, which only processes that
 * know the job work on: an older or newer version beside it neither takes its runs nor removes its schedule.
 */
export const createBullmqJobs = ({ servers, prefix }: BullmqJobsOptions, onError: OnJobError): Jobs => {
  const stop = new AbortController();
  // it waits for jobs without an end, and sends commands that answer when one comes
  const connection = createRedisClient(servers, {
    maxRetriesPerRequest: null,
    commandTimeout: undefined,
    socketTimeout: silenceMs,
    enableAutoPipelining: false,
  });
  connection.on("error", (error) => onError("bullmq", error));
  // all keys of a queue lie in one slot of a cluster
  // nor does it print what it thinks of the server past the log: doctor and the start say that
  const common = { connection, prefix: `{${prefix}:bull}`, skipVersionCheck: true };
  const queues: Queue[] = [];
  const workers: Worker[] = [];
  let closing: Promise<void> | undefined;

  const schedule = async ({ name, pattern }: ScheduledJob): Promise<void> => {
    const queue = new Queue(name, common);
    queues.push(queue);
    queue.on("error", (error) => onError("bullmq", error));
    // BullMQ plans the next run when one begins: without this bound another process would begin it beside a long one
    await queue.setGlobalConcurrency(1);
    await queue.upsertJobScheduler(name, { pattern, tz: "UTC" }, { name, opts: keep });
  };
  const work = ({ name, run }: ScheduledJob): void => {
    const worker = new Worker(name, () => run(stop.signal), { ...common, concurrency: 1 });
    workers.push(worker);
    worker.on("failed", (_, error) => onError(name, error));
    worker.on("error", (error) => onError("bullmq", error));
  };
  return {
    start: async (jobs) => {
      try {
        await Promise.all(jobs.map(schedule));
      } catch (error) {
        throw unavailable("Redis did not take the jobs", error);
      }
      jobs.forEach(work);
    },
    close: () => {
      stop.abort();
      closing ??= (async () => {
        await Promise.all(workers.map((worker) => worker.close()));
        await Promise.all(queues.map((queue) => queue.close()));
        connection.disconnect();
      })();
      return closing;
    },
  };
};
