import type { CarillonError } from "../../schemas/errors.js";

/** What a group does with an offset and its outputs: see docs/semantics.md. */
export const guarantees = ["at_most_once", "at_least_once", "exactly_once"] as const;
export type Guarantee = (typeof guarantees)[number];

/** The libraries that can move records to and from Kafka. */
export const kafkaClients = ["kafkajs", "platformatic"] as const;
export type KafkaClientName = (typeof kafkaClients)[number];

export interface TopicSpec {
  readonly topic: string;
  readonly partitions: number;
  /** How long records stay at least, in milliseconds; -1: for ever. */
  readonly retentionMs: number;
  /** Largest record, in bytes, where the log's own limit will not do. */
  readonly maxRecordBytes?: number;
}

/** A setting of an existing topic that differs from what Carillon needs of the topic. */
export interface TopicDrift {
  readonly topic: string;
  readonly setting: string;
  /** The one in force, whoever set it. */
  readonly value: string;
  /** One that fits. */
  readonly needed: string;
  /** What the one in force does to records. */
  readonly effect: string;
  /** Whether it loses or refuses records; else it keeps them for longer. */
  readonly harmful: boolean;
}

export interface LogRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, Buffer>>;
  readonly timestampMs: number;
  /** Set where the records from `firstOffset` to `offset` could not be read: `value` holds their bytes as the log has them. */
  readonly unreadable?: { readonly firstOffset: number; readonly why: string };
}

export interface OutgoingRecord {
  readonly topic: string;
  /** Records of one key keep their order. */
  readonly key: Buffer | string | null;
  readonly value: Buffer | null;
  readonly headers?: Readonly<Record<string, Buffer | string>>;
}

/** Records of one partition, in order, owned by the handler until it returns. */
export interface RecordBatch {
  readonly topic: string;
  readonly partition: number;
  readonly records: readonly LogRecord[];
  /** Aborted when the partition is revoked or the consumer stops: start nothing more, drain, return. */
  readonly signal: AbortSignal;
  /** Says that work goes on, so that the group keeps this member. */
  progress(): void;
  /** Appends outputs at once, outside any transaction. Resolves when they are durable. */
  append(outputs: readonly OutgoingRecord[]): Promise<void>;
  /**
   * Commits that everything before `nextOffset` is done. In exactly_once the outputs and the offset become
   * visible together or not at all; else the outputs are durable before the offset is committed.
   * Rejects FENCED when another worker has taken the partition over: nothing was committed.
   */
  commit(nextOffset: number, outputs: readonly OutgoingRecord[]): Promise<void>;
}

export interface ConsumeOptions {
  readonly group: string;
  readonly topic: string;
  /** How many consumers of this group run here. */
  readonly consumers: number;
  readonly guarantee: Guarantee;
  /** Most records in one batch. */
  readonly maxBatchRecords: number;
  /** A consumer silent for this long loses its partitions, where that is sooner than the log's own bound. */
  readonly sessionTimeoutMs?: number;
  /** Outputs of consumptions that name the same share may wait for each other on their way out; those of others never. */
  readonly share?: string;
  /**
   * Handles one batch of one partition at a time; partitions side by side. What is not committed when it returns
   * or rejects comes again, after a pause that grows while it rejects.
   */
  onBatch(batch: RecordBatch): Promise<void>;
  /** Told of each rejection of onBatch and each trouble of the connection. */
  onError(error: unknown): void;
}

export interface Consumption {
  /** How many of its consumers are members of their group now. */
  living(): number;
  /** Why one of them is not; undefined when all of them live. */
  trouble(): CarillonError | undefined;
  /** Drains what is in hand, commits it, leaves the group. Idempotent. */
  stop(): Promise<void>;
}

export interface PartitionLag {
  readonly partition: number;
  /** Offset after the last record. */
  readonly end: number;
  /** Offset that the group goes on from. */
  readonly committed: number;
  readonly lag: number;
}

/**
 * An ordered, partitioned, durable log.
 * Order: records of one key stay in one partition, in the order in which they were appended.
 * Concurrency: any number of appenders and groups.
 * Close: stops all consumptions first; afterwards everything rejects CLOSED.
 */
export interface EventLog {
  /** Creates topics, grows partitions. Rejects PARTITIONS_SHRINK, naming every topic, before it changes anything. */
  ensureTopics(specs: readonly TopicSpec[]): Promise<void>;
  /** Partitions of each of these topics that exists. Creates nothing. */
  existing(topics: readonly string[]): Promise<ReadonlyMap<string, number>>;
  /** How the settings of these topics, where they exist, differ from their specs; absent where topics have none of their own. Changes nothing. */
  drifts?(specs: readonly TopicSpec[]): Promise<readonly TopicDrift[]>;
  /** Resolves when all records are durable (acknowledged by all in-sync replicas, or synced to disk). */
  append(records: readonly OutgoingRecord[]): Promise<void>;
  /** Throws DISK_FULL where the log lies on this machine and its reserve is reached: asked before a message is accepted. */
  assertRoom?(): void;
  consume(options: ConsumeOptions): Promise<Consumption>;
  lag(group: string, topic: string): Promise<readonly PartitionLag[]>;
  /**
   * How long the first record that waits for the group in each partition has waited, by the time that it came with, in
   * milliseconds and to an eighth; partitions where nothing waits are left out.
   */
  waited(group: string, topic: string): Promise<ReadonlyMap<number, number>>;
  /** All committed records from the beginning, or from `sinceMs`, to the end as it is now, at most `limit`. */
  scan(topic: string, limit: number, sinceMs?: number): Promise<readonly LogRecord[]>;
  close(): Promise<void>;
}
