import { Queue, Worker } from "bullmq";
import { unavailable } from "../../schemas/errors.js";
import { createRedisClient, type RedisSettings } from "../redis/connection.js";
import type { Jobs, OnJobError, ScheduledJob } from "./jobs.js";

export type BullmqJobsOptions = Pick<RedisSettings, "servers" | "prefix">;

/** Longer than BullMQ's longest blocking wait for a job in Redis (10 s). */
const silenceMs = 20_000;
const keep = { removeOnComplete: { count: 100 }, removeOnFail: { count: 100 } };

/**
 * Runs jobs once per cluster with BullMQ's job schedulers. Each job has its own queue, and only processes that have the job work on it.
 * Another version that runs alongside neither takes its runs nor removes its schedule.
 */
export const createBullmqJobs = ({ servers, prefix }: BullmqJobsOptions, onError: OnJobError): Jobs => {
  const stop = new AbortController();
  // this connection blocks while it waits for jobs
  const connection = createRedisClient(servers, {
    maxRetriesPerRequest: null,
    commandTimeout: undefined,
    socketTimeout: silenceMs,
    enableAutoPipelining: false,
  });
  connection.on("error", (error) => onError("bullmq", error));
  // all keys of a queue share one slot of a cluster
  // skipVersionCheck: BullMQ would print its opinion of the server outside the log, and doctor and the start check the version
  const common = { connection, prefix: `{${prefix}:bull}`, skipVersionCheck: true };
  const queues: Queue[] = [];
  const workers: Worker[] = [];
  let closing: Promise<void> | undefined;

  const schedule = async ({ name, pattern }: ScheduledJob): Promise<void> => {
    const queue = new Queue(name, common);
    queues.push(queue);
    queue.on("error", (error) => onError("bullmq", error));
    // BullMQ schedules the next run when one starts: without this bound, another process would start it during a long run
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
        throw unavailable("Redis did not accept the jobs", error);
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
