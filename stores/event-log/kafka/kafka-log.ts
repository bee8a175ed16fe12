import { setMaxListeners } from "node:events";
import type { Admin } from "kafkajs";
import { CarillonError } from "../../../schemas/errors.js";
import { systemClock } from "../../clock.js";
import type { Consumption, EventLog, PartitionLag } from "../event-log.js";
import { firstOfPages } from "../first-of-pages.js";
import { logClosed } from "../log-closed.js";
import { type CoalescingProducer, createCoalescingProducer } from "./coalescing-producer.js";
import { createKafkaAdmin } from "./kafka-admin.js";
import { kafkaClientBy } from "./kafka-clients.js";
import { consumeFromKafka, type MemberOptions } from "./kafka-consumption.js";
import { createTopicScan } from "./kafka-scan.js";
import { type Copies, ensureTopics, existingPartitions } from "./kafka-topics.js";
import { waitedInKafka } from "./kafka-waited.js";
import { createKafkajs } from "./kafkajs-client/kafkajs-producer.js";
import { createOpenSockets } from "./open-sockets.js";
import { readDrifts } from "./topic-drifts.js";

export interface KafkaLogOptions extends MemberOptions, Copies {
  readonly lingerMs: number;
}

const lagOf = async (admin: Admin, group: string, topic: string): Promise<PartitionLag[]> => {
  const [ends, [offsets]] = await Promise.all([admin.fetchTopicOffsets(topic), admin.fetchOffsets({ groupId: group, topics: [topic] })]);
  return ends
    .map(({ partition, high, low }) => {
      const offset = Number(offsets?.partitions.find((entry) => entry.partition === partition)?.offset ?? -1);
      const done = Math.max(offset, Number(low));
      return { partition, end: Number(high), committed: done, lag: Math.max(0, Number(high) - done) };
    })
    .sort((a, b) => a.partition - b.partition);
};

/** Timeout of creating topics. */
const longMs = 300_000;

/** The log on Kafka: records by the configured client, everything else by kafkajs. */
export const createKafkaLog = (given: KafkaLogOptions): EventLog => {
  const sockets = createOpenSockets();
  const options = { ...given, sockets };
  const kafka = createKafkajs(options);
  const client = kafkaClientBy[options.client](options);
  const closed = new AbortController();
  setMaxListeners(0, closed.signal); // there are as many listeners as scans
  const { ask, disconnect } = createKafkaAdmin(kafka, options.brokers, closed.signal);
  /** One producer per share, so that a busy lane never delays another lane's output. */
  const producers = new Map<string, CoalescingProducer>();
  const producerOf = (share: string): CoalescingProducer => {
    const producer = producers.get(share) ?? createCoalescingProducer(client.connect, options.lingerMs);
    producers.set(share, producer);
    return producer;
  };
  const { brokers, maxBatchBytes } = options;
  const pages = createTopicScan({ kafka, brokers, ask, maxBatchBytes, closed: closed.signal });
  const consumptions: Consumption[] = [];
  let closing: Promise<void> | undefined;

  const committed = (group: string, topic: string, partition: number): Promise<number> =>
    ask("cannot read offsets", async (one) => {
      const [found] = await one.fetchOffsets({ groupId: group, topics: [topic] });
      return Math.max(0, Number(found?.partitions.find((entry) => entry.partition === partition)?.offset ?? 0));
    });

  return {
    ensureTopics: (specs) =>
      ask(
        "cannot create topics",
        async (one) => {
          try {
            await ensureTopics(one, specs, options);
          } catch (error) {
            if (error instanceof CarillonError) throw error;
            // another process may have created some of them meanwhile
            await systemClock.sleep(1_000);
            await ensureTopics(one, specs, options);
          }
        },
        longMs,
      ),
    existing: (topics) => ask("cannot read the topics", (one) => existingPartitions(one, topics)),
    drifts: (specs) => ask("cannot read the settings of topics", (one) => readDrifts(one, specs, options)),
    append: (records) => (closed.signal.aborted ? Promise.reject(logClosed()) : producerOf("").append(records)),
    consume: async (consume) => {
      const { append } = producerOf(consume.share ?? "");
      const consumption = await consumeFromKafka(options, consume, { append, committed, ask });
      consumptions.push(consumption);
      return consumption;
    },
    lag: (group, topic) => ask("cannot read the lag", (one) => lagOf(one, group, topic)),
    waited: (group, topic) =>
      ask("cannot read how long records wait", async (one) => waitedInKafka(one, topic, await lagOf(one, group, topic), systemClock.now())),
    pages,
    scan: (topic, limit, sinceMs) => firstOfPages(pages(topic, sinceMs), limit),
    close: () => {
      closed.abort();
      closing ??= (async () => {
        await Promise.all(consumptions.map((consumption) => consumption.stop()));
        await Promise.all([...producers.values()].map((producer) => producer.close()));
        await disconnect();
        sockets.destroy();
      })();
      return closing;
    },
  };
};
