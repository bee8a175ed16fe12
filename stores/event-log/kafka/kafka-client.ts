import type { ConsumeOptions, OutgoingRecord } from "../event-log.js";
import type { KafkaSecurity } from "./kafka-security.js";
import type { OpenSockets } from "./open-sockets.js";
import type { EndingConsumer } from "./supervised-consumer.js";

/** Sends records in order, one send at a time. Resolves when all in-sync replicas have stored them. */
export interface Sender {
  send(records: readonly OutgoingRecord[]): Promise<void>;
  close(): Promise<void>;
}

/** The log's functions that a consumer depends on. */
export interface ConsumerDependencies {
  readonly append: (records: readonly OutgoingRecord[]) => Promise<void>;
  /** The offset at which the group resumes. */
  readonly committed: (group: string, topic: string, partition: number) => Promise<number>;
}

/** Produces and consumes with one of the client libraries. All implementations pass the same conformance suite and the same chaos tests. */
export interface KafkaClient {
  connect(): Promise<Sender>;
  /** Starts one consumer of a group. It drains its records before the group may move a partition, and is fenced afterwards. */
  consume(options: ConsumeOptions, dependencies: ConsumerDependencies): Promise<EndingConsumer>;
}

export interface KafkaClientOptions extends KafkaSecurity {
  readonly brokers: readonly string[];
  readonly clientId: string;
  readonly sessionTimeoutMs: number;
  /** Largest decompressed batch, in bytes. */
  readonly maxBatchBytes?: number;
  /** Ends the client's connections when the log has closed. */
  readonly sockets?: OpenSockets;
}

export const heartbeatEveryMs = 1_000;
/** A batch without progress for this long stops sending heartbeats: its consumer is stuck, and another may succeed. */
export const progressDeadlineMs = 120_000;
/** A batch that decompresses to more bytes is treated as unreadable, unless the options allow more. */
export const defaultBatchBytes = 67_108_864;
/** Most bytes fetched from one partition at a time. */
export const fetchBytes = 1_048_576;
export const retryPauseMs = (failures: number): number => Math.min(200 * 2 ** failures, 10_000);
