import { type Admin, Kafka, logLevel } from "kafkajs";
import { CarillonError } from "../../../schemas/errors.js";
import type { EventLog, TopicSpec } from "../event-log.js";
import { refuseShrinking } from "../shrinking-topics.js";
import { createCoalescingProducer } from "./coalescing-producer.js";
import { KafkaConsumer, recordOf } from "./kafka-consumer.js";
import { fromKafka } from "./kafka-errors.js";
import { scanTopic } from "./kafka-scan.js";

export interface KafkaLogOptions {
  readonly brokers: readonly string[];
  readonly clientId: string;
  readonly sessionTimeoutMs: number;
  readonly lingerMs: number;
  /** Copies of each partition; -1: the brokers' default. */
  readonly replicationFactor: number;
}

const createMissing = async (admin: Admin, specs: readonly TopicSpec[], replicationFactor: number): Promise<void> => {
  if (specs.length === 0) return;
  await admin.createTopics({
    waitForLeaders: true,
    topics: specs.map(({ topic, partitions, retentionMs, maxRecordBytes }) => ({
      topic,
      numPartitions: partitions,
      replicationFactor,
      configEntries: [
        { name: "retention.ms", value: String(retentionMs) },
        ...(maxRecordBytes === undefined ? [] : [{ name: "max.message.bytes", value: String(maxRecordBytes) }]),
      ],
    })),
  });
};

/** Topics and their partitions as they are, of those asked for. */
const existingPartitions = async (admin: Admin, specs: readonly TopicSpec[]): Promise<Map<string, number>> => {
  const known = new Set(await admin.listTopics());
  const wanted = specs.map(({ topic }) => topic).filter((topic) => known.has(topic));
  if (wanted.length === 0) return new Map();
  const { topics } = await admin.fetchTopicMetadata({ topics: wanted });
  return new Map(topics.map(({ name, partitions }) => [name, partitions.length]));
};

const ensure = async (admin: Admin, specs: readonly TopicSpec[], replicationFactor: number): Promise<void> => {
  const existing = await existingPartitions(admin, specs);
  refuseShrinking(specs, (topic) => existing.get(topic) ?? 0);
  await createMissing(
    admin,
    specs.filter(({ topic }) => !existing.has(topic)),
    replicationFactor,
  );
  const growing = specs.filter(({ topic, partitions }) => (existing.get(topic) ?? partitions) < partitions);
  if (growing.length > 0) {
    await admin.createPartitions({ topicPartitions: growing.map(({ topic, partitions }) => ({ topic, count: partitions })) });
  }
};

/** The log on Kafka, by kafkajs. */
export const createKafkaLog = (options: KafkaLogOptions): EventLog => {
  const kafka = new Kafka({
    clientId: options.clientId,
    brokers: [...options.brokers],
    logLevel: logLevel.NOTHING, // its errors reach us as errors
    connectionTimeout: 5_000,
    requestTimeout: 30_000,
    retry: { initialRetryTime: 100, maxRetryTime: 5_000, retries: 6 },
  });
  const producer = createCoalescingProducer(kafka, options.lingerMs);
  const consumers: KafkaConsumer[] = [];
  let connecting: Promise<Admin> | undefined;
  let closing: Promise<void> | undefined;

  const admin = (): Promise<Admin> => {
    if (closing) return Promise.reject(new CarillonError("CLOSED", "the log is closed"));
    connecting ??= (async () => {
      const fresh = kafka.admin();
      await fresh.connect();
      return fresh;
    })().catch((error: unknown) => {
      connecting = undefined;
      throw error;
    });
    return connecting;
  };
  const ask = async <T>(what: string, question: (admin: Admin) => Promise<T>): Promise<T> => {
    try {
      return await question(await admin());
    } catch (error) {
      throw fromKafka(`${what} (brokers ${options.brokers.join(", ")})`, error);
    }
  };
  const committed = (group: string, topic: string, partition: number): Promise<number> =>
    ask("cannot read offsets", async (one) => {
      const [found] = await one.fetchOffsets({ groupId: group, topics: [topic] });
      return Math.max(0, Number(found?.partitions.find((entry) => entry.partition === partition)?.offset ?? 0));
    });

  return {
    ensureTopics: (specs) =>
      ask("cannot create topics", async (one) => {
        try {
          await ensure(one, specs, options.replicationFactor);
        } catch (error) {
          if (error instanceof CarillonError) throw error;
          // another process may have created some of them meanwhile
          await new Promise((resolve) => setTimeout(resolve, 1_000));
          await ensure(one, specs, options.replicationFactor);
        }
      }),
    append: producer.append,
    consume: async (consume) => {
      const started = Array.from({ length: consume.consumers }, () => {
        const { sessionTimeoutMs } = options;
        return new KafkaConsumer(kafka, consume, { sessionTimeoutMs, append: producer.append, committed });
      });
      consumers.push(...started);
      await Promise.all(started.map((consumer) => consumer.start()));
      return {
        stop: async () => {
          await Promise.all(started.map((consumer) => consumer.stop()));
        },
      };
    },
    lag: (group, topic) =>
      ask("cannot read the lag", async (one) => {
        const [ends, [offsets]] = await Promise.all([one.fetchTopicOffsets(topic), one.fetchOffsets({ groupId: group, topics: [topic] })]);
        return ends
          .map(({ partition, high, low }) => {
            const offset = Number(offsets?.partitions.find((entry) => entry.partition === partition)?.offset ?? -1);
            const done = Math.max(offset, Number(low));
            return { partition, end: Number(high), committed: done, lag: Math.max(0, Number(high) - done) };
          })
          .sort((a, b) => a.partition - b.partition);
      }),
    scan: (topic, limit) => ask(`cannot read ${topic}`, (one) => scanTopic(kafka, one, topic, limit, recordOf)),
    close: () => {
      closing ??= (async () => {
        await Promise.all(consumers.map((consumer) => consumer.stop()));
        await producer.close();
        await connecting?.then((one) => one.disconnect()).catch(() => undefined);
      })();
      return closing;
    },
  };
};
