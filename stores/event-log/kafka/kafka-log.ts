import type { Admin } from "kafkajs";
import { CarillonError, carillonErrorOf } from "../../../schemas/errors.js";
import { systemClock } from "../../clock.js";
import { withinDeadline } from "../../deadline.js";
import type { Consumption, EventLog, KafkaClientName, PartitionLag } from "../event-log.js";
import { type CoalescingProducer, createCoalescingProducer } from "./coalescing-producer.js";
import { removeFormerMembers } from "./former-members.js";
import type { KafkaClient, KafkaClientOptions } from "./kafka-client.js";
import { fromKafka, isError } from "./kafka-errors.js";
import { scanTopic } from "./kafka-scan.js";
import { type Copies, ensureTopics, existingPartitions } from "./kafka-topics.js";
import { waitedInKafka } from "./kafka-waited.js";
import { createKafkajsClient } from "./kafkajs-client/kafkajs-client.js";
import { createKafkajs } from "./kafkajs-client/kafkajs-producer.js";
import { createPlatformaticClient } from "./platformatic-client/platformatic-client.js";
import { type EndingConsumer, superviseConsumer } from "./supervised-consumer.js";
import { readDrifts } from "./topic-drifts.js";

export interface KafkaLogOptions extends KafkaClientOptions, Copies {
  readonly client: KafkaClientName;
  readonly lingerMs: number;
  /** Name of this process, stable across restarts: its consumers replace those of the previous run. */
  readonly instance?: string;
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

/** While brokers come and go, kafkajs gets no answer for some partitions and throws a TypeError. */
const isRetriable = (error: unknown): boolean =>
  error instanceof TypeError || (error as { readonly retriable?: boolean }).retriable === true;

/** Timeout of offset and metadata requests. */
const questionMs = 30_000;
/** Timeout of creating topics and of scanning one. */
const longMs = 300_000;

/** Joining a group waits for the other members for at most two session timeouts. Twice that is too long. */
const silentSessions = 4;
/** How often a broker may report a topic that was just created as unknown. */
const unknownTopicTries = 40;
const unknownTopicPauseMs = 500;

const clientOf: Readonly<Record<KafkaLogOptions["client"], (options: KafkaClientOptions) => KafkaClient>> = {
  kafkajs: createKafkajsClient,
  platformatic: createPlatformaticClient,
};

/** The log on Kafka: records by the configured client, everything else by kafkajs. */
export const createKafkaLog = (options: KafkaLogOptions): EventLog => {
  const kafka = createKafkajs(options);
  const client = clientOf[options.client](options);
  /** One producer per share, so that a busy lane never delays another lane's output. */
  const producers = new Map<string, CoalescingProducer>();
  const producerOf = (share: string): CoalescingProducer => {
    const producer = producers.get(share) ?? createCoalescingProducer(client.connect, options.lingerMs);
    producers.set(share, producer);
    return producer;
  };
  const consumers: Consumption[] = [];
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
  /** After a failure the client may hold dead connections, so the next request creates another client. */
  const renewAdmin = (): void => {
    const old = connecting;
    connecting = undefined;
    old?.then((one) => one.disconnect()).catch(() => undefined);
  };
  const ask = async <T>(what: string, question: (admin: Admin) => Promise<T>, deadlineMs = questionMs, triesLeft = 3): Promise<T> => {
    try {
      return await withinDeadline(
        "Kafka",
        deadlineMs,
        admin().then((one) => question(one)),
      );
    } catch (error) {
      // partitions that were just created have no leader yet
      if (isRetriable(error) && triesLeft > 0) {
        await systemClock.sleep(200);
        return ask(what, question, deadlineMs, triesLeft - 1);
      }
      if (error instanceof CarillonError && error.code !== "UNAVAILABLE") throw error;
      renewAdmin();
      throw fromKafka(`${what} (brokers ${options.brokers.join(", ")})`, error);
    }
  };
  const committed = (group: string, topic: string, partition: number): Promise<number> =>
    ask("cannot read offsets", async (one) => {
      const [found] = await one.fetchOffsets({ groupId: group, topics: [topic] });
      return Math.max(0, Number(found?.partitions.find((entry) => entry.partition === partition)?.offset ?? 0));
    });
  const leaveFormer = (group: string, clientId: string): Promise<void> =>
    removeFormerMembers(options, group, clientId, () =>
      ask("cannot read the members", async (one) => (await one.describeGroups([group])).groups.flatMap(({ members }) => members)),
    );

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
    append: (records) => (closing ? Promise.reject(new CarillonError("CLOSED", "the log is closed")) : producerOf("").append(records)),
    consume: async (consume) => {
      const { append } = producerOf(consume.share ?? "");
      const sessionTimeoutMs = Math.min(consume.sessionTimeoutMs ?? options.sessionTimeoutMs, options.sessionTimeoutMs);
      const startOne = async (index: number, triesLeft = unknownTopicTries): Promise<EndingConsumer> => {
        const clientId = options.instance === undefined ? options.clientId : `${options.clientId}-${options.instance}-${index}`;
        const own = clientOf[options.client]({ ...options, clientId, sessionTimeoutMs });
        try {
          if (options.instance !== undefined) await leaveFormer(consume.group, clientId);
          return await own.consume({ ...consume, onError }, { append, committed });
        } catch (error) {
          if (!isError(error, "UNKNOWN_TOPIC_OR_PARTITION") || triesLeft === 0) throw error;
          await systemClock.sleep(unknownTopicPauseMs);
          return startOne(index, triesLeft - 1);
        }
      };
      const silentMs = sessionTimeoutMs * silentSessions;
      let lastError: CarillonError | undefined;
      const onError = (error: unknown): void => {
        lastError = carillonErrorOf(error);
        consume.onError(error);
      };
      const starting = Array.from({ length: consume.consumers }, (_, index) =>
        superviseConsumer({ start: () => startOne(index), onError, clock: systemClock, silentMs }),
      );
      const settled = await Promise.allSettled(starting);
      const started = settled.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
      const stop = async (): Promise<void> => {
        await Promise.all(started.map((consumer) => consumer.stop()));
      };
      const failed = settled.find((result) => result.status === "rejected");
      if (failed) {
        await stop();
        throw failed.reason;
      }
      const consumption: Consumption = {
        stop,
        living: () => started.filter((consumer) => consumer.isLiving()).length,
        trouble: () => {
          const dead = started.find((consumer) => !consumer.isLiving());
          return dead && (dead.trouble() ?? lastError ?? new CarillonError("UNAVAILABLE", "it has not joined its group yet"));
        },
      };
      consumers.push(consumption);
      return consumption;
    },
    lag: (group, topic) => ask("cannot read the lag", (one) => lagOf(one, group, topic)),
    waited: (group, topic) =>
      ask("cannot read how long records wait", async (one) => waitedInKafka(one, topic, await lagOf(one, group, topic), systemClock.now())),
    scan: (topic, limit, sinceMs = 0) =>
      ask(`cannot read ${topic}`, (one) => scanTopic(kafka, one, topic, limit, sinceMs, options.maxBatchBytes), longMs),
    close: () => {
      closing ??= (async () => {
        await Promise.all(consumers.map((consumer) => consumer.stop()));
        await Promise.all([...producers.values()].map((producer) => producer.close()));
        await connecting?.then((one) => one.disconnect()).catch(() => undefined);
      })();
      return closing;
    },
  };
};
