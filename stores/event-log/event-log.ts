import type { CarillonError } from "../../schemas/errors.js";

/** How a group commits offsets relative to its outputs: see docs/semantics.md. */
export const guarantees = ["at_most_once", "at_least_once", "exactly_once"] as const;
export type Guarantee = (typeof guarantees)[number];

/** The supported Kafka client libraries. */
export const kafkaClients = ["kafkajs", "platformatic"] as const;
export type KafkaClientName = (typeof kafkaClients)[number];

export interface TopicSpec {
  readonly topic: string;
  readonly partitions: number;
  /** Minimum retention, in milliseconds; -1: unlimited. */
  readonly retentionMs: number;
  /** Largest record, in bytes, when the log's own limit is not enough. */
  readonly maxRecordBytes?: number;
}

/** A setting of an existing topic that differs from Carillon's requirements. */
export interface TopicDrift {
  readonly topic: string;
  readonly setting: string;
  /** The value in force, whoever set it. */
  readonly value: string;
  /** A value that meets the requirements. */
  readonly needed: string;
  /** The effect of the value in force on records. */
  readonly effect: string;
  /** True if the setting loses or refuses records; false if it only keeps them for longer. */
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
  /** Set when the records from `firstOffset` to `offset` could not be read. `value` then holds their raw bytes from the log. */
  readonly unreadable?: { readonly firstOffset: number; readonly why: string };
}

export interface OutgoingRecord {
  readonly topic: string;
  /** Records with the same key keep their order. */
  readonly key: Buffer | string | null;
  readonly value: Buffer | null;
  readonly headers?: Readonly<Record<string, Buffer | string>>;
}

/** Records of one partition, in order, owned by the handler until it returns. */
export interface RecordBatch {
  readonly topic: string;
  readonly partition: number;
  readonly records: readonly LogRecord[];
  /** Aborts when the partition is revoked or the consumer stops. The handler then starts no new work, drains, and returns. */
  readonly signal: AbortSignal;
  /** Reports that work continues, so that the group keeps this member. */
  progress(): void;
  /** Appends outputs immediately, outside any transaction. Resolves when they are durable. */
  append(outputs: readonly OutgoingRecord[]): Promise<void>;
  /**
   * Commits everything before `nextOffset`. In exactly_once the outputs and the offset become visible together or not at all. In the other
   * modes the outputs are durable before the offset is committed.
   * Rejects FENCED when another worker has taken over the partition; nothing was committed.
   */
  commit(nextOffset: number, outputs: readonly OutgoingRecord[]): Promise<void>;
}

export interface ConsumeOptions {
  readonly group: string;
  readonly topic: string;
  /** Number of consumers of this group in this process. */
  readonly consumers: number;
  readonly guarantee: Guarantee;
  /** Largest number of records in one batch. */
  readonly maxBatchRecords: number;
  /** A consumer that stays silent for this long loses its partitions. The log's own timeout applies if it is shorter. */
  readonly sessionTimeoutMs?: number;
  /**
   * Consumptions with the same share send their outputs through one producer, so one may wait for another. Different shares never wait for
   * each other.
   */
  readonly share?: string;
  /**
   * Handles one batch of a partition at a time, and different partitions concurrently. Records that are not committed when it returns or
   * rejects are delivered again. While it rejects, the pause between attempts grows.
   */
  onBatch(batch: RecordBatch): Promise<void>;
  /** Called with each rejection of onBatch and each connection error. */
  onError(error: unknown): void;
}

export interface Consumption {
  /** Number of this consumption's consumers that are currently members of the group. */
  living(): number;
  /** Why a consumer is not a member; undefined when all are. */
  trouble(): CarillonError | undefined;
  /** Drains records in flight, commits them, and leaves the group. Idempotent. */
  stop(): Promise<void>;
}

export interface PartitionLag {
  readonly partition: number;
  /** Offset after the last record. */
  readonly end: number;
  /** Offset at which the group resumes. */
  readonly committed: number;
  readonly lag: number;
}

/**
 * An ordered, partitioned, durable log.
 * Order: records with the same key stay in one partition, in the order in which they were appended.
 * Concurrency: any number of appenders and groups.
 * Close: stops all consumptions first. Afterwards every call rejects CLOSED.
 */
export interface EventLog {
  /** Creates topics and adds partitions. Rejects PARTITIONS_SHRINK, naming every affected topic, before it changes anything. */
  ensureTopics(specs: readonly TopicSpec[]): Promise<void>;
  /** Partition counts of the topics that exist. Creates nothing. */
  existing(topics: readonly string[]): Promise<ReadonlyMap<string, number>>;
  /**
   * Differences between the settings of existing topics and their specs. Undefined if the log has no settings per topic. Changes nothing.
   */
  drifts?(specs: readonly TopicSpec[]): Promise<readonly TopicDrift[]>;
  /** Resolves when all records are durable (acknowledged by all in-sync replicas, or synced to disk). */
  append(records: readonly OutgoingRecord[]): Promise<void>;
  /** Throws DISK_FULL when the log is on this machine and its disk reserve is reached. Called before a message is accepted. */
  assertRoom?(): void;
  consume(options: ConsumeOptions): Promise<Consumption>;
  lag(group: string, topic: string): Promise<readonly PartitionLag[]>;
  /**
   * How long the group's first unread record in each partition has waited, by its timestamp, in milliseconds and accurate to one eighth.
   * Partitions without unread records are omitted.
   */
  waited(group: string, topic: string): Promise<ReadonlyMap<number, number>>;
  /**
   * Committed records from the beginning, or from `sinceMs`, to the current end, page by page. A page is limited in records and bytes, and
   * holds records of one partition. The next page is read once the previous one has been handled, which may take any time.
   */
  pages(topic: string, sinceMs?: number): AsyncIterable<readonly LogRecord[]>;
  /** The first `limit` of these records. */
  scan(topic: string, limit: number, sinceMs?: number): Promise<readonly LogRecord[]>;
  close(): Promise<void>;
}
