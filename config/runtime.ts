import { z } from "zod";
import { count, durationMs, hours, seconds } from "./keys.js";

/** Per process. A machine with more cores runs more processes. */
export const mostThreads = 16;

/** The queues, threads and intervals of a process. */
export const runtimeSchema = z
  .strictObject({
    queues: z
      .array(z.string().min(1))
      .default([])
      .describe(
        "queues that this process consumes, as patterns such as intake/*, dispatch/dispatch.sms.*; empty: all queues; none: no queue",
      ),
    threads: z
      .union([z.literal("auto"), z.number().int().min(1).max(mostThreads)], `must be auto, or a whole number from 1 to ${mostThreads}`)
      .default("auto")
      .describe(
        "threads that consume queues, with a separate one for urgent lanes; 1: everything in the main thread; auto: 2 on the cluster profile with at least 4 cores, if critical shares the process with other lanes, otherwise 1",
      ),
    timers: z.boolean().default(true).describe("whether this process fires timers"),
    receiptSources: z
      .boolean()
      .default(true)
      .describe("whether this process reads receipts from providers' queues and connections; callbacks arrive over HTTP"),
    stageTimeoutMs: durationMs("longest processing time of a record", seconds(60)),
    requeueTimeoutMs: durationMs(
      "how long a record that only a later version of Carillon can read is put back for that version's workers before it becomes a dead letter",
      hours(1),
    ),
    drainMs: durationMs("how long records in flight may take to finish when a partition is revoked or the process stops", seconds(15)),
    commitEveryMs: durationMs("minimum interval between offset commits", 100, 10),
    maxBatchRecords: count("maximum number of records in one batch", 500),
  })
  .prefault({});
