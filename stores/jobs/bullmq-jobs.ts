import { Queue, Worker } from "bullmq";
import { unavailable } from "../../schemas/errors.js";
import { createRedisClient, type RedisSettings } from "../redis/connection.js";
import type { Jobs, OnJobError, ScheduledJob } from "./jobs.js";

export type BullmqJobsOptions = Pick<RedisSettings, "servers" | "prefix">;

const queueName = "jobs";
/** Above the longest wait for a job that BullMQ asks of Redis (10 s). */
const silenceMs = 20_000;
const keep = { removeOnComplete: { count: 100 }, removeOnFail: { count: 100 } };

/** Jobs once per cluster, by BullMQ's job schedulers. */
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
  // all keys of the queue lie in one slot of a cluster
  // nor does it print what it thinks of the server past the log: doctor and the start say that
  const common = { connection, prefix: `{${prefix}:bull}`, skipVersionCheck: true };
  let queue: Queue | undefined;
  let worker: Worker | undefined;
  let closing: Promise<void> | undefined;

  const schedule = async (one: Queue, jobs: readonly ScheduledJob[]): Promise<void> => {
    const wanted = new Set(jobs.map(({ name }) => name));
    const known = await one.getJobSchedulers();
    await Promise.all(known.filter(({ key }) => !wanted.has(key)).map(({ key }) => one.removeJobScheduler(key)));
    await Promise.all(jobs.map(({ name, pattern }) => one.upsertJobScheduler(name, { pattern, tz: "UTC" }, { name, opts: keep })));
  };
  return {
    start: async (jobs) => {
      const byName = new Map(jobs.map((job) => [job.name, job]));
      queue = new Queue(queueName, common);
      queue.on("error", (error) => onError("bullmq", error));
      try {
        await schedule(queue, jobs);
      } catch (error) {
        throw unavailable("Redis did not take the jobs", error);
      }
      // one at a time: a run that takes longer than its pattern delays the next one instead of overlapping it
      worker = new Worker(queueName, async ({ name }) => byName.get(name)?.run(stop.signal), { ...common, concurrency: 1 });
      worker.on("failed", (job, error) => onError(job?.name ?? "unknown", error));
      worker.on("error", (error) => onError("bullmq", error));
    },
    close: () => {
      stop.abort();
      closing ??= (async () => {
        await worker?.close();
        await queue?.close();
        connection.disconnect();
      })();
      return closing;
    },
  };
};
