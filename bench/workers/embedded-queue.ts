import { systemClock } from "../../stores/clock.js";
import { createLmdbLog } from "../../stores/event-log/lmdb-log.js";
import { openEnvironment } from "../../stores/lmdb-environment.js";
import { printQueueRates } from "../harness/queue-work.js";

/** The embedded log as a queue: records appended durably, consumed, and their offset committed durably. */
export interface QueueWorker {
  readonly folder: string;
  readonly count: number;
  /** Records of one append. */
  readonly batch: number;
}

const { folder, count, batch } = JSON.parse(process.argv[2] ?? "{}") as QueueWorker;
const environment = openEnvironment(folder);
const log = createLmdbLog(environment, systemClock);
await log.ensureTopics([{ topic: "queue", partitions: 1, retentionMs: -1 }]);

const value = Buffer.alloc(1_000, 1);
const begin = performance.now();
for (let start = 0; start < count; start += batch)
  await log.append(Array.from({ length: batch }, (_, index) => ({ topic: "queue", key: String(start + index), value })));
const takenMs = performance.now() - begin;
let done = 0;
await new Promise<void>((resolve, reject) => {
  log
    .consume({
      group: "bench",
      topic: "queue",
      consumers: 1,
      guarantee: "at_least_once",
      maxBatchRecords: 500,
      onError: reject,
      onBatch: async (records) => {
        await records.commit((records.records.at(-1)?.offset ?? -1) + 1, []);
        done += records.records.length;
        if (done === count) resolve();
      },
    })
    .catch(reject);
});
const totalMs = performance.now() - begin;
printQueueRates(count, takenMs, totalMs);
await log.close();
await environment.close();
