import { setMaxListeners } from "node:events";
import { Consumer } from "@platformatic/kafka";
import { systemClock } from "../../../clock.js";
import type { ConsumeOptions, OutgoingRecord, RecordBatch } from "../../event-log.js";
import { answerSilenceMs } from "../answered-sockets.js";
import { type ConsumerDependencies, heartbeatEveryMs, type KafkaClientOptions, progressDeadlineMs, retryPauseMs } from "../kafka-client.js";
import { fromKafka, isFencing } from "../kafka-errors.js";
import type { PartitionTransactions } from "../partition-transactions.js";
import type { EndingConsumer } from "../supervised-consumer.js";
import { closeClient } from "./close-client.js";
import { connectionOf, watched } from "./connection.js";
import { GroupMembership } from "./group-membership.js";
import { PartitionBuffer } from "./partition-buffer.js";
import { PartitionFetcher } from "./partition-fetcher.js";
import { createPlatformaticTransactions } from "./platformatic-transactions.js";

/** This member's partitions in one generation. */
interface Assignment {
  readonly generationId: number;
  readonly revoke: AbortController;
  readonly workers: Promise<unknown>;
}

/** After this many consecutive failures the connections themselves are suspect: the consumer ends, and a new one starts. */
const mostFailures = 5;

/** One consumer of a group. It drains its records before it rejoins, and is fenced afterwards. */
export class PlatformaticConsumer implements EndingConsumer {
  readonly ended: Promise<unknown>;
  private end: (reason: unknown) => void = () => undefined;
  private beatAtMs = 0;
  private readonly consumer: Consumer;
  private readonly membership: GroupMembership;
  private readonly fetcher: PartitionFetcher;
  private readonly transactions: PartitionTransactions;
  private readonly stopping = new AbortController();
  private assignment: Assignment | undefined;
  private lastProgressMs = Date.now();
  private inHand = 0;
  private living: Promise<void> | undefined;
  private leaving: Promise<void> | undefined;

  constructor(
    private readonly consume: ConsumeOptions,
    private readonly options: KafkaClientOptions,
    private readonly dependencies: ConsumerDependencies,
  ) {
    const { sessionTimeoutMs } = options;
    const { group, topic, onError } = consume;
    this.ended = new Promise((resolve) => {
      this.end = resolve;
    });
    const rebalanceTimeoutMs = sessionTimeoutMs * 2;
    const onTrouble = (error: unknown): void => onError(fromKafka(`the consumer of ${topic} failed`, error));
    const waits = { silenceMs: answerSilenceMs, joinSilenceMs: rebalanceTimeoutMs + answerSilenceMs };
    this.consumer = watched(
      new Consumer({
        ...connectionOf(options),
        groupId: group,
        retries: 0,
        autocommit: false,
        requestTimeout: rebalanceTimeoutMs + 10_000, // joining waits until the other members release their partitions
      }),
      options.sockets,
      waits,
    );
    this.membership = new GroupMembership(this.consumer, { topic, sessionTimeoutMs, rebalanceTimeoutMs });
    this.fetcher = new PartitionFetcher(options, group, topic, onTrouble);
    this.transactions = createPlatformaticTransactions(options, topic, this.membership);
  }

  async start(): Promise<void> {
    try {
      await this.consumer.metadata({ topics: [this.consume.topic] });
    } catch (error) {
      await this.stop();
      throw fromKafka(`cannot consume ${this.consume.topic}`, error);
    }
    this.living = this.live().catch((error: unknown) => this.end(fromKafka(`the consumer of ${this.consume.topic} failed`, error)));
  }

  isLiving(): boolean {
    const isMember = this.assignment !== undefined && !this.stopping.signal.aborted;
    return isMember && !this.fetcher.isFailing && Date.now() - this.beatAtMs < this.options.sessionTimeoutMs;
  }

  stop(): Promise<void> {
    this.leaving ??= this.leave();
    return this.leaving;
  }

  private async leave(): Promise<void> {
    this.stopping.abort();
    await this.living;
    await this.membership.leave().catch(() => undefined); // otherwise the group notices when the session times out
    await Promise.all([this.transactions.close(), this.fetcher.close(), closeClient(this.consumer)]);
  }

  /** Joins, works until the group rebalances, releases its partitions, and rejoins. Rejects after repeated failures. */
  private async live(): Promise<void> {
    let failures = 0;
    while (!this.stopping.signal.aborted) {
      try {
        await this.join();
        failures = 0;
        this.beatAtMs = Date.now();
        await this.beatUntilRebalance();
      } catch (error) {
        if (!isFencing(error)) {
          if (failures >= mostFailures) {
            await this.letGo();
            throw error;
          }
          this.consume.onError(fromKafka(`the consumer of ${this.consume.topic} failed`, error));
          await systemClock.sleep(retryPauseMs(failures), this.stopping.signal);
          failures += 1;
        }
      }
      await this.letGo();
    }
  }

  private async join(): Promise<void> {
    const { group, topic } = this.consume;
    const partitions = await this.membership.join();
    const { generationId } = this.membership;
    const froms = await Promise.all(partitions.map((partition) => this.dependencies.committed(group, topic, partition)));
    const revoke = new AbortController();
    setMaxListeners(0, revoke.signal); // there are as many listeners as partitions
    const buffers = partitions.map((partition, index) => new PartitionBuffer(partition, froms[index] ?? 0, revoke.signal));
    this.assignment = { generationId, revoke, workers: Promise.all(buffers.map((buffer) => this.work(buffer, generationId))) };
    this.fetcher.serve(buffers);
  }

  /** Rejects when it is time to rejoin. Resolves on stop. */
  private async beatUntilRebalance(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      await systemClock.sleep(heartbeatEveryMs, signal);
      const isStuck = this.inHand > 0 && Date.now() - this.lastProgressMs > progressDeadlineMs;
      if (signal.aborted || isStuck) continue;
      await this.membership.heartbeat();
      this.beatAtMs = Date.now();
    }
  }

  /** Drains records in flight and sends heartbeats meanwhile, so that the group waits. */
  private async letGo(): Promise<void> {
    const { assignment } = this;
    if (!assignment) return;
    this.assignment = undefined;
    assignment.revoke.abort();
    const beating = setInterval(() => void this.membership.heartbeat().catch(() => undefined), heartbeatEveryMs);
    await assignment.workers.finally(() => clearInterval(beating));
    this.fetcher.serve([]);
  }

  /** Handles one partition in parts until it is revoked. */
  private async work(buffer: PartitionBuffer, generationId: number): Promise<void> {
    const { maxBatchRecords, onBatch, onError, topic, group } = this.consume;
    const { signal, partition } = buffer;
    let failures = 0;
    let position = buffer.fetchFrom;
    while (!signal.aborted) {
      const records = await buffer.take(maxBatchRecords);
      this.fetcher.look();
      if (records.length === 0) continue;
      try {
        this.inHand += 1;
        this.progress();
        if (await this.takeOver(partition, generationId)) {
          // records that the former owner committed are not handled again
          const committed = await this.dependencies.committed(group, topic, partition);
          if (committed > (records[0]?.offset ?? 0)) {
            position = committed;
            buffer.setBack(committed);
            continue;
          }
        }
        await onBatch(
          this.batchOf(records, buffer, generationId, (next) => {
            position = next;
          }),
        );
        failures = 0;
      } catch (error) {
        if (!isFencing(error)) onError(error);
        await systemClock.sleep(retryPauseMs(failures), signal);
        failures += 1;
        buffer.setBack(position);
      } finally {
        this.inHand -= 1;
      }
    }
  }

  private readonly progress = (): void => {
    this.lastProgressMs = Date.now();
  };

  /** In exactly_once this fences the former owner. Resolves true if it just did. */
  private async takeOver(partition: number, generationId: number): Promise<boolean> {
    if (this.consume.guarantee !== "exactly_once") return false;
    // a consumer that was suspended must learn here that the group has moved on, before it could fence its successor
    await this.membership.heartbeat();
    return this.transactions.take(partition, generationId);
  }

  private batchOf(
    records: RecordBatch["records"],
    buffer: PartitionBuffer,
    generationId: number,
    onCommit: (next: number) => void,
  ): RecordBatch {
    const { topic, guarantee } = this.consume;
    const { append } = this.dependencies;
    const { partition, signal } = buffer;
    const commit = async (nextOffset: number, outputs: readonly OutgoingRecord[]): Promise<void> => {
      const next = buffer.committable(nextOffset);
      if (guarantee === "exactly_once") await this.transactions.commit(partition, next, outputs);
      else {
        if (outputs.length > 0) await append(outputs);
        await this.membership.commit(partition, next, generationId).catch((error: unknown) => {
          throw fromKafka(`the offset of partition ${partition} of ${topic} was not committed`, error);
        });
      }
      onCommit(next);
    };
    return { topic, partition, records, signal, progress: this.progress, append, commit };
  }
}
