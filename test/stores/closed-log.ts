import type { ConsumeOptions, KafkaClientName } from "../../stores/event-log/event-log.js";
import { createKafkaLog } from "../../stores/event-log/kafka/kafka-log.js";

/**
 * Reads 16 partitions, opens and closes logs while their requests are on the way, then ends when nothing keeps it alive. Reports the warnings
 * of Node.js. Arguments: client, broker, topic.
 */
const [client, broker = "", topic = ""] = process.argv.slice(2);
const warnings: string[] = [];
process.on("warning", ({ message }) => warnings.push(message));

const open = () =>
  createKafkaLog({
    client: client as KafkaClientName,
    brokers: [broker],
    clientId: "closed",
    sessionTimeoutMs: 10_000,
    lingerMs: 5,
    replicationFactor: 1,
  });
const first = open();
await first.ensureTopics([{ topic, partitions: 16, retentionMs: -1 }]);
await first.append(Array.from({ length: 64 }, (_, index) => ({ topic, key: `${index}`, value: Buffer.from("one") })));
let read = 0;
// a broker that has just started has no coordinator yet, which the log reports and asks again
const onError = (): void => undefined;
await new Promise<void>((resolve, reject) => {
  const onBatch: ConsumeOptions["onBatch"] = async ({ records, commit }) => {
    await commit((records.at(-1)?.offset ?? 0) + 1, []);
    read += records.length;
    if (read === 64) resolve();
  };
  const group = `${topic}-readers`;
  first.consume({ group, topic, consumers: 1, guarantee: "at_least_once", maxBatchRecords: 10, onBatch, onError }).catch(reject);
});
await Promise.all(Array.from({ length: 12 }, () => first.scan(topic, 1)));
await first.close();
await Promise.all(
  Array.from({ length: 20 }, async (_, index) => {
    const log = open();
    const record = { topic, key: "k", value: Buffer.from("one") };
    // some of these end before the close does
    const answered = Promise.allSettled([log.append([record]), log.lag("nobody", topic), log.waited("nobody", topic), log.scan(topic, 1)]);
    await new Promise((resolve) => setTimeout(resolve, index * 10)); // a log closes at another point of its requests each time
    await log.close();
    await answered;
  }),
);
process.send?.(warnings);
process.disconnect();
