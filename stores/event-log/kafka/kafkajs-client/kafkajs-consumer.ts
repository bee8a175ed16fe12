import { type Consumer, type EachBatchPayload, type Kafka, PartitionAssigners } from "kafkajs";
import { systemClock } from "../../../clock.js";
import type { ConsumeOptions, LogRecord, OutgoingRecord, RecordBatch } from "../../event-log.js";
import { type ConsumerDependencies, fetchBytes, heartbeatEveryMs, progressDeadlineMs, retryPauseMs } from "../kafka-client.js";
import { fromKafka, isFencing } from "../kafka-errors.js";
import { nothingHeld } from "../sticky-assignment.js";
import type { EndingConsumer } from "../supervised-consumer.js";
import { createKafkajsTransactions } from "./kafkajs-transactions.js";
import { recordOf } from "./read-fetches.js";
import { createStickyAssigner } from "./sticky-assigner.js";

interface KafkajsConsumerOptions extends ConsumerDependencies {
  readonly sessionTimeoutMs: number;
}

/** One consumer of a group. It drains its records before the group may move a partition, and is fenced afterwards. */
export class KafkajsConsumer implements EndingConsumer {
  readonly ended: Promise<unknown>;
  private end: (reason: unknown) => void = () => undefined;
  private isMember = false;
  private beatAtMs = 0;
  private readonly consumer: Consumer;
  private readonly transactions;
  private readonly active = new Set<AbortController>();
  private readonly failures = new Map<number, number>();
  private stopping: Promise<void> | undefined;
  private epoch = 0;
  private held = nothingHeld;

  constructor(
    kafka: Kafka,
    private readonly consume: ConsumeOptions,
    private readonly options: KafkajsConsumerOptions,
  ) {
    const { group, topic } = consume;
    this.ended = new Promise((resolve) => {
      this.end = resolve;
    });
    this.transactions = createKafkajsTransactions(kafka, group, topic);
    this.consumer = kafka.consumer({
      groupId: group,
      sessionTimeout: options.sessionTimeoutMs,
      rebalanceTimeout: options.sessionTimeoutMs * 2,
      heartbeatInterval: heartbeatEveryMs,
      maxWaitTimeInMs: 1_000,
      minBytes: 1,
      maxBytesPerPartition: fetchBytes,
      readUncommitted: false,
      // in addition to the library's assigner, which members of an earlier version support
      partitionAssigners: [createStickyAssigner(() => this.held), PartitionAssigners.roundRobin],
      allowAutoTopicCreation: false,
      retry: { initialRetryTime: 100, maxRetryTime: 5_000, retries: 5, restartOnFailure: async () => false },
    });
    this.consumer.on(this.consumer.events.GROUP_JOIN, ({ payload }) => {
      this.epoch += 1;
      this.held = { sinceMs: Date.now(), partitions: payload.memberAssignment[topic] ?? [] };
      this.isMember = true;
      this.beatAtMs = Date.now();
    });
    this.consumer.on(this.consumer.events.HEARTBEAT, () => {
      this.beatAtMs = Date.now();
    });
    // kafkajs restarts only some crashed consumers; the supervisor of this one restarts it in every case
    this.consumer.on(this.consumer.events.CRASH, ({ payload }) => {
      this.isMember = false;
      this.end(fromKafka(`the consumer of ${topic} failed`, payload.error));
    });
  }

  isLiving(): boolean {
    return this.isMember && !this.stopping && Date.now() - this.beatAtMs < this.options.sessionTimeoutMs;
  }

  async start(): Promise<void> {
    const { topic } = this.consume;
    try {
      await this.consumer.connect();
      await this.consumer.subscribe({ topic, fromBeginning: true });
      await this.consumer.run({
        autoCommit: false,
        eachBatchAutoResolve: false,
        partitionsConsumedConcurrently: 16,
        eachBatch: (payload) => this.onPayload(payload),
      });
    } catch (error) {
      await this.stop().catch(() => undefined);
      throw fromKafka(`cannot consume ${topic}`, error);
    }
  }

  stop(): Promise<void> {
    this.stopping ??= this.leave();
    return this.stopping;
  }

  private async leave(): Promise<void> {
    this.abortActive();
    await this.consumer.stop();
    await this.transactions.close();
    await this.consumer.disconnect();
  }

  private abortActive(): void {
    for (const controller of this.active) controller.abort();
  }

  /** Handles the records of one fetch from one partition, in parts, and sends heartbeats meanwhile. */
  private async onPayload(payload: EachBatchPayload): Promise<void> {
    const controller = new AbortController();
    this.active.add(controller);
    let lastProgressMs = Date.now();
    let rebalance: unknown;
    const beat = (): void => {
      if (!payload.isRunning() || payload.isStale() || this.stopping) controller.abort();
      if (Date.now() - lastProgressMs > progressDeadlineMs) return;
      payload.heartbeat().catch((error: unknown) => {
        rebalance ??= error;
        this.abortActive();
      });
    };
    const beating = setInterval(beat, heartbeatEveryMs / 2);
    try {
      await this.handle(payload, controller.signal, () => {
        lastProgressMs = Date.now();
      });
    } catch (error) {
      if (!isFencing(error)) throw error;
      rebalance ??= error;
    } finally {
      clearInterval(beating);
      this.active.delete(controller);
    }
    // thrown only after everything is drained: it makes kafkajs rejoin the group
    if (rebalance !== undefined) throw (rebalance as { cause?: unknown }).cause ?? rebalance;
  }

  private async handle(payload: EachBatchPayload, signal: AbortSignal, progress: () => void): Promise<void> {
    const { topic, partition } = payload.batch;
    const { maxBatchRecords, onBatch, onError } = this.consume;
    try {
      const from = await this.takeOver(payload);
      const records = payload.batch.messages
        .map((message) => recordOf(topic, partition, message))
        .filter((record) => record.offset >= from);
      if (records.length === 0) payload.resolveOffset(payload.batch.lastOffset());
      for (let start = 0; start < records.length && !signal.aborted; start += maxBatchRecords) {
        await onBatch(this.batchOf(payload, records.slice(start, start + maxBatchRecords), signal, progress));
      }
      this.failures.delete(partition);
    } catch (error) {
      if (isFencing(error)) throw error;
      onError(error);
      const failures = this.failures.get(partition) ?? 0;
      this.failures.set(partition, failures + 1);
      await systemClock.sleep(retryPauseMs(failures), signal);
    }
  }

  /**
   * In exactly_once this fences the former owner. The offset is then read again, so that records that the former owner committed are
   * skipped.
   */
  private async takeOver(payload: EachBatchPayload): Promise<number> {
    const { guarantee, group, topic } = this.consume;
    const { partition } = payload.batch;
    if (guarantee !== "exactly_once") return 0;
    // a consumer that was suspended must learn here that the group has moved on, before it could fence its successor
    await payload.heartbeat();
    const fenced = await this.transactions.take(partition, this.epoch);
    return fenced ? this.options.committed(group, topic, partition) : 0;
  }

  private batchOf(payload: EachBatchPayload, records: readonly LogRecord[], signal: AbortSignal, progress: () => void): RecordBatch {
    const { topic, partition } = payload.batch;
    const lastMessage = Number(payload.batch.messages.at(-1)?.offset ?? -1);
    const commit = async (nextOffset: number, outputs: readonly OutgoingRecord[]): Promise<void> => {
      // transaction markers follow the last record: committing past them keeps the lag accurate
      const next = nextOffset === lastMessage + 1 ? Number(payload.batch.lastOffset()) + 1 : nextOffset;
      if (this.consume.guarantee === "exactly_once") {
        await this.transactions.commit(partition, next, outputs);
      } else {
        if (outputs.length > 0) await this.options.append(outputs);
        await this.commitOffset(payload, next);
      }
      payload.resolveOffset(String(nextOffset - 1));
    };
    return { topic, partition, records, signal, progress, append: this.options.append, commit };
  }

  private async commitOffset(payload: EachBatchPayload, next: number): Promise<void> {
    const { topic, partition } = payload.batch;
    try {
      await payload.commitOffsetsIfNecessary({ topics: [{ topic, partitions: [{ partition, offset: String(next) }] }] });
    } catch (error) {
      throw fromKafka(`the offset of partition ${partition} of ${topic} was not committed`, error);
    }
  }
}
