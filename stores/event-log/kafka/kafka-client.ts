import type { ConsumeOptions, OutgoingRecord } from "../event-log.js";
import type { KafkaSecurity } from "./kafka-security.js";
import type { EndingConsumer } from "./supervised-consumer.js";

/** Sends records, in order, each durable on all in-sync replicas when it resolves. One send at a time. */
export interface Sender {
  send(records: readonly OutgoingRecord[]): Promise<void>;
  close(): Promise<void>;
}

/** What a consumer needs of the log that it belongs to. */
export interface ConsumerDependencies {
  readonly append: (records: readonly OutgoingRecord[]) => Promise<void>;
  /** The offset that the group goes on from. */
  readonly committed: (group: string, topic: string, partition: number) => Promise<number>;
}

/** The hot path to Kafka, by one client library or another: both must pass the same conformance suite and the same chaos. */
export interface KafkaClient {
  connect(): Promise<Sender>;
  /** One consumer of a group: what it holds is drained before the group may move it, and fenced after. */
  consume(options: ConsumeOptions, dependencies: ConsumerDependencies): Promise<EndingConsumer>;
}

export interface KafkaClientOptions extends KafkaSecurity {
  readonly brokers: readonly string[];
  readonly clientId: string;
  readonly sessionTimeoutMs: number;
  /** Most bytes of one fetched batch once it is decompressed. */
  readonly maxBatchBytes?: number;
}

export const heartbeatEveryMs = 1_000;
/** A batch without any progress for this long stops beating: its consumer is stuck, another may do better. */
export const progressDeadlineMs = 120_000;
/** A batch that holds more once it is decompressed is not read, unless the options allow for more. */
export const defaultBatchBytes = 67_108_864;
/** Most bytes of one partition in one fetch. */
export const fetchBytes = 1_048_576;
export const retryPauseMs = (failures: number): number => Math.min(200 * 2 ** failures, 10_000);
