import { randomUUID } from "node:crypto";
import type { Admin } from "kafkajs";
import type { OutgoingRecord } from "../../stores/event-log/event-log.js";
import { firstOfPages } from "../../stores/event-log/first-of-pages.js";
import { isError } from "../../stores/event-log/kafka/kafka-errors.js";
import { createKafkaLog } from "../../stores/event-log/kafka/kafka-log.js";
import { createTopicScan } from "../../stores/event-log/kafka/kafka-scan.js";
import { createKafkajs } from "../../stores/event-log/kafka/kafkajs-client/kafkajs-producer.js";

export const uniquePrefix = (): string => `bench-${randomUUID().slice(0, 8)}`;

/** Calls `use` with an admin client, and closes the client. */
export const withAdmin = async <T>(broker: string, use: (admin: Admin) => Promise<T>): Promise<T> => {
  const admin = createKafkajs({ brokers: [broker], clientId: "bench" }).admin();
  await admin.connect();
  try {
    return await use(admin);
  } finally {
    await admin.disconnect();
  }
};

const settleTries = 120;
const settlePauseMs = 500;

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, settlePauseMs));

/** Brokers learn of a new topic one after another, on a slow machine within seconds. Until then they report it as unknown. */
const untilKnown = async <T>(question: () => Promise<T>, triesLeft = settleTries): Promise<T> => {
  try {
    return await question();
  } catch (error) {
    const isNew = isError(error, "UNKNOWN_TOPIC_OR_PARTITION") || isError(error, "LEADER_NOT_AVAILABLE");
    if (!isNew || triesLeft === 0) throw error;
    await pause();
    return untilKnown(question, triesLeft - 1);
  }
};

/** Resolves once every partition has a leader. */
export const createTopics = (broker: string, topics: Readonly<Record<string, number>>): Promise<void> =>
  withAdmin(broker, async (admin) => {
    await untilKnown(() =>
      admin.createTopics({
        waitForLeaders: true,
        topics: Object.entries(topics).map(([topic, numPartitions]) => ({ topic, numPartitions, replicationFactor: 1 })),
      }),
    );
    const names = Object.keys(topics);
    for (let tries = 0; tries < settleTries; tries += 1) {
      const found = await untilKnown(() => admin.fetchTopicMetadata({ topics: names }));
      const led = found.topics.filter(
        ({ name, partitions }) => partitions.length === topics[name] && partitions.every(({ leader }) => leader >= 0),
      );
      if (led.length === names.length) return;
      await pause();
    }
    throw new Error(`${names.join(", ")}: no leaders within ${(settleTries * settlePauseMs) / 1_000} s`);
  });

export const deleteTopics = (broker: string, prefix: string): Promise<void> =>
  withAdmin(broker, async (admin) => {
    const topics = (await admin.listTopics()).filter((topic) => topic.startsWith(prefix));
    if (topics.length > 0) await admin.deleteTopics({ topics });
  });

const loadBatch = 2_000;

/** Fills a topic with this number of records. */
export const loadRecords = async (
  broker: string,
  count: number,
  recordOf: (index: number) => OutgoingRecord,
  progress: (loaded: number) => void = () => undefined,
): Promise<void> => {
  const log = createKafkaLog({
    client: "platformatic",
    brokers: [broker],
    clientId: "bench",
    sessionTimeoutMs: 30_000,
    lingerMs: 5,
    replicationFactor: 1,
  });
  try {
    for (let start = 0; start < count; start += loadBatch) {
      const records = Array.from({ length: Math.min(loadBatch, count - start) }, (_, index) => recordOf(start + index));
      await untilKnown(() => log.append(records));
      progress(start);
    }
  } finally {
    await log.close();
  }
};

/** Records of a topic, transaction markers included. */
export const endOf = async (admin: Admin, topic: string): Promise<number> =>
  (await admin.fetchTopicOffsets(topic)).reduce((sum, { high }) => sum + Number(high), 0);

const sampledRecords = 200;

/** Total bytes of keys and values in the topics, estimated from their number and the mean size of the first ones. */
export const bytesOfTopics = (broker: string, prefix: string): Promise<number> =>
  withAdmin(broker, async (admin) => {
    const [brokers, closed] = [[broker], new AbortController().signal];
    const kafka = createKafkajs({ brokers, clientId: "bench" });
    const ask = <T>(_what: string, question: (one: Admin) => Promise<T>): Promise<T> => question(admin);
    const pages = createTopicScan({ kafka, brokers, ask, maxBatchBytes: undefined, closed });
    let bytes = 0;
    for (const topic of (await admin.listTopics()).filter((name) => name.startsWith(prefix))) {
      const count = await endOf(admin, topic);
      if (count === 0) continue;
      const records = await firstOfPages(pages(topic), sampledRecords);
      const size = records.reduce((sum, { key, value }) => sum + (key?.length ?? 0) + (value?.length ?? 0), 0);
      bytes += (size / records.length) * count;
    }
    return bytes;
  });
