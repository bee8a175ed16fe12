import { runBatch } from "../../engine/runtime/batch-runner.js";
import { noEffects } from "../../engine/runtime/effects.js";
import { systemClock } from "../../stores/clock.js";
import type { KafkaClientName } from "../../stores/event-log/event-log.js";
import { createKafkaLog } from "../../stores/event-log/kafka/kafka-log.js";
import { promisedHandler } from "../../test/support/promised-handler.js";

/** Carillon's runtime on one partition, in order per key. Each record's value is its work in milliseconds. */
export interface KeyedWorker {
  readonly broker: string;
  readonly client: KafkaClientName;
  readonly group: string;
  readonly topic: string;
  readonly records: number;
  /** 1: sequential, as in a plain consumer. */
  readonly concurrency: number;
}

const { broker, client, group, topic, records, concurrency } = JSON.parse(process.argv[2] ?? "{}") as KeyedWorker;
const log = createKafkaLog({ client, brokers: [broker], clientId: "keyed", sessionTimeoutMs: 30_000, lingerMs: 5, replicationFactor: 1 });
const timers = { schedule: async () => undefined, cancel: async () => undefined };
let done = 0;
let firstMs: number | undefined;

await log.consume({
  group,
  topic,
  consumers: 1,
  guarantee: "at_least_once",
  maxBatchRecords: 500,
  onError: (error) => console.error(error),
  onBatch: (batch) =>
    runBatch(
      batch,
      { guarantee: "at_least_once", concurrency, drainMs: 5_000, commitEveryMs: 100 },
      {
        timers,
        clock: systemClock,
        handle: promisedHandler(async (record) => {
          firstMs ??= performance.now();
          await systemClock.sleep(Number(record.value));
          done += 1;
          if (done === records) console.log(JSON.stringify({ ms: performance.now() - firstMs }));
          return noEffects;
        }),
      },
    ),
});
console.log(JSON.stringify({ ready: true }));
process.once("SIGTERM", () => void log.close().then(() => process.exit(0)));
