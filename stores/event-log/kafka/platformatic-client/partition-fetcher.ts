import { type ClusterMetadata, Consumer, FetchIsolationLevels, type fetchV17 } from "@platformatic/kafka";
import { systemClock } from "../../../clock.js";
import { readBatches } from "../fetch/record-batches.js";
import { defaultBatchBytes, fetchBytes, type KafkaClientOptions, retryPauseMs } from "../kafka-client.js";
import { isError, recordsDeleted } from "../kafka-errors.js";
import { closeClient } from "./close-client.js";
import { connectionOf, watched } from "./connection.js";
import { type FetchedPartition, withRawFetches } from "./fetch-response.js";
import { recordsOf } from "./messages.js";
import type { PartitionBuffer } from "./partition-buffer.js";
import { callProtocol } from "./protocol-call.js";

/** How long a broker may hold a fetch that finds nothing. Short while a partition outside the fetch may run low. */
const waitMs = { all: 500, some: 50 } as const;
/** A leader change fails a fetch or two. */
const leastFailures = 3;
/** A fetch that finds nothing returns at once, so a fetcher without any response for this long is not reading. */
const staleAfterMs = 10_000;
const lookAgainMs = 1_000;
/** Makes listOffsets return the first retained offset. */
const earliest = -2n;

/** Fetches for the buffers that run low, with a separate connection to each broker that leads some of their partitions. */
export class PartitionFetcher {
  private readonly consumer: Consumer;
  private readonly maxBatchBytes: number;
  private readonly stop = new AbortController();
  private readonly loops = new Map<number, Promise<void>>();
  private fetchedAtMs = systemClock.now();
  private readonly failures = new Map<number, number>();
  private buffers: readonly PartitionBuffer[] = [];
  private watching: Promise<void> | undefined;
  private ranLow: () => void = () => undefined;

  constructor(
    options: KafkaClientOptions,
    groupId: string,
    private readonly topic: string,
    private readonly onError: (error: unknown) => void,
  ) {
    this.maxBatchBytes = options.maxBatchBytes ?? defaultBatchBytes;
    this.consumer = watched(
      new Consumer({
        groupId,
        ...connectionOf(options),
        retries: 0,
        timeout: 30_000,
        autocommit: false,
        metadataMaxAge: 60_000,
      }),
      options.sockets,
    );
    this.consumer.topics.track(topic);
  }

  /** Whether fetches fail repeatedly, so that this group member reads nothing. */
  get isFailing(): boolean {
    if (this.buffers.length === 0) return false;
    const isStale = systemClock.now() - this.fetchedAtMs > staleAfterMs;
    return isStale || [...this.failures.values()].some((failures) => failures >= leastFailures);
  }

  /** Fetches for these buffers from now on, and no longer for previous ones. */
  serve(buffers: readonly PartitionBuffer[]): void {
    this.buffers = buffers;
    this.fetchedAtMs = systemClock.now();
    this.watching ??= this.watch();
    this.ranLow();
  }

  /** Call after taking a part of a buffer. */
  look(): void {
    this.ranLow();
  }

  async close(): Promise<void> {
    this.stop.abort();
    this.ranLow();
    await closeClient(this.consumer);
    await Promise.allSettled([this.watching, ...this.loops.values()]);
  }

  private get stopped(): boolean {
    return this.stop.signal.aborted;
  }

  private metadata(): Promise<ClusterMetadata> {
    return this.consumer.metadata({ topics: [this.topic] });
  }

  /** Makes sure that each broker that leads a partition has a fetch loop. */
  private async watch(): Promise<void> {
    while (!this.stopped) {
      try {
        const partitions = (await this.metadata()).topics.get(this.topic)?.partitions ?? [];
        const leaders = new Set(this.buffers.map(({ partition }) => partitions[partition]?.leader));
        for (const leader of leaders) {
          if (leader === undefined || leader < 0 || this.loops.has(leader)) continue;
          this.loops.set(
            leader,
            this.fetchFrom(leader).finally(() => {
              this.loops.delete(leader);
              this.failures.delete(leader);
            }),
          );
        }
      } catch (error) {
        if (!this.stopped) this.onError(error);
      }
      await systemClock.sleep(lookAgainMs, this.stop.signal);
    }
  }

  /** Fetches from one broker as long as it leads any partition. */
  private async fetchFrom(node: number): Promise<void> {
    let failures = 0;
    const count = (next: number): void => {
      failures = next;
      this.failures.set(node, failures);
    };
    while (!this.stopped) {
      try {
        const topic = (await this.metadata()).topics.get(this.topic);
        const led = this.buffers.filter(({ partition, signal }) => topic?.partitions[partition]?.leader === node && !signal.aborted);
        if (!topic || led.length === 0) return;
        const low = led.filter(({ isLow }) => isLow);
        if (low.length === 0) await this.untilLow();
        else await this.fetch(node, topic.id, low, low.length === led.length ? waitMs.all : waitMs.some);
        count(0);
        this.fetchedAtMs = systemClock.now();
      } catch (error) {
        if (this.stopped) return;
        await this.recoverFrom(error);
        await systemClock.sleep(retryPauseMs(failures), this.stop.signal);
        count(failures + 1);
      }
    }
  }

  private async recoverFrom(error: unknown): Promise<void> {
    const isDeleted = isError(error, "OFFSET_OUT_OF_RANGE");
    this.onError(isDeleted ? recordsDeleted(this.topic) : error);
    this.consumer.clearMetadata();
    if (isDeleted) await this.moveToEarliest().catch(this.onError);
  }

  private untilLow(): Promise<void> {
    return new Promise((resolve) => {
      this.ranLow = resolve;
      void systemClock.sleep(waitMs.all, this.stop.signal).then(resolve);
    });
  }

  private async fetch(node: number, topicId: string, low: readonly PartitionBuffer[], maxWaitTime: number): Promise<void> {
    const turns = low.map(({ turn }) => turn);
    const partitions = low.map(({ partition, fetchFrom }) => ({
      partition,
      currentLeaderEpoch: -1,
      fetchOffset: BigInt(fetchFrom),
      lastFetchedEpoch: -1,
      partitionMaxBytes: fetchBytes,
    }));
    const broker = (await this.metadata()).brokers.get(node);
    if (!broker) throw new Error(`broker ${node} is not known`);
    const topics = [{ topicId, partitions }];
    const fetched = await callProtocol(
      this.consumer,
      broker,
      "Fetch",
      (api: typeof fetchV17.api, connection): Promise<readonly FetchedPartition[]> =>
        api.async(
          withRawFetches(connection),
          maxWaitTime,
          1,
          fetchBytes * 8,
          FetchIsolationLevels.READ_COMMITTED,
          0,
          0,
          topics,
          [],
          "",
        ) as unknown as Promise<readonly FetchedPartition[]>,
    );
    for (const { partition, bytes, aborted } of fetched) {
      const index = low.findIndex((buffer) => buffer.partition === partition);
      const buffer = low[index];
      if (!buffer || buffer.turn !== turns[index] || bytes.length === 0) continue;
      const batches = readBatches(bytes, { maxBatchBytes: this.maxBatchBytes, nowMs: systemClock.now() });
      const { records, next } = recordsOf(this.topic, partition, batches, aborted, buffer.fetchFrom);
      buffer.add(records, next);
    }
    // the other partitions have their records: an error affects only its own partition
    const failed = fetched.find(({ error }) => error !== undefined);
    if (failed) throw failed.error;
  }

  /** Records that retention has deleted can no longer be fetched, so this resumes at the first retained record. */
  private async moveToEarliest(): Promise<void> {
    const offsets = (await this.consumer.listOffsets({ topics: [this.topic], timestamp: earliest })).get(this.topic) ?? [];
    for (const buffer of this.buffers) {
      const first = Number(offsets[buffer.partition] ?? 0n);
      if (first > buffer.fetchFrom) buffer.setBack(first);
    }
  }
}
