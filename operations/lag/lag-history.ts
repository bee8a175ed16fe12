import type { PartitionLag } from "../../stores/event-log/event-log.js";
import type { TopicLag } from "./lag.js";

interface Sample {
  readonly atMs: number;
  readonly end: number;
  readonly committed: number;
}

/** A queue's flow, in addition to its depth. */
export interface Flow {
  /** Records per second that arrived and that were done, over the last samples. */
  readonly inPerSecond: number;
  readonly outPerSecond: number;
  /** Age of the oldest queued record, in milliseconds; null if the queue is empty. */
  readonly oldestMs: number | null;
  /** Whether the oldest record arrived before the first sample, so that its true age is higher. */
  readonly older: boolean;
  /** How long records have been queued without a commit, in milliseconds; 0 if the queue is empty or commits continue. */
  readonly stalledMs: number;
}

/** The same for each partition. */
export interface QueueFlow extends Flow {
  readonly flows: ReadonlyMap<number, Flow>;
}

const mostSamples = 240;
/** The span for rates. */
const rateSpanMs = 10_000;

/** Start of the latest samples with queued records and an unchanged commit. */
const stalledSince = (samples: readonly Sample[], committed: number): number => {
  const moved = samples.findLastIndex((sample) => sample.committed !== committed || sample.end <= sample.committed);
  return samples[moved + 1]?.atMs ?? 0;
};

/**
 * Derives rates and ages from repeated samples of partitions' ends and commits. A record arrived no later than the sample that first saw
 * the end beyond it. So an age is too low by at most one sampling interval. Records from before the first sample count from that sample and
 * are marked.
 */
export class LagHistory {
  private readonly partitions = new Map<string, Sample[]>();

  /** Adds a sample of a queue and returns its flow. */
  note({ topic, group, partitions }: Pick<TopicLag, "topic" | "group" | "partitions">, atMs: number): QueueFlow {
    const known = new Map(
      partitions.map((partition) => [partition.partition, this.partition(`${group} ${topic} ${partition.partition}`, partition, atMs)]),
    );
    const flows = [...known.values()];
    const ages = flows.flatMap(({ oldestMs }) => oldestMs ?? []);
    return {
      inPerSecond: flows.reduce((sum, { inPerSecond }) => sum + inPerSecond, 0),
      outPerSecond: flows.reduce((sum, { outPerSecond }) => sum + outPerSecond, 0),
      oldestMs: ages.length === 0 ? null : Math.max(...ages),
      older: flows.some(({ older }) => older),
      stalledMs: Math.max(0, ...flows.map(({ stalledMs }) => stalledMs)),
      flows: known,
    };
  }

  private partition(key: string, { end, committed, lag }: PartitionLag, atMs: number): Flow {
    const samples = this.partitions.get(key) ?? [];
    this.partitions.set(key, samples);
    samples.push({ atMs, end, committed });
    if (samples.length > mostSamples) samples.shift();
    const before = samples.findLast((sample) => sample.atMs <= atMs - rateSpanMs) ?? samples[0];
    const seconds = before ? (atMs - before.atMs) / 1_000 : 0;
    const rate = (now: number, then: number): number => (seconds > 0 ? Math.max(0, (now - then) / seconds) : 0);
    const first = samples.find((sample) => sample.end > committed);
    return {
      inPerSecond: rate(end, before?.end ?? end),
      outPerSecond: rate(committed, before?.committed ?? committed),
      oldestMs: lag > 0 && first ? atMs - first.atMs : null,
      older: lag > 0 && first !== undefined && first === samples[0],
      stalledMs: lag > 0 ? atMs - stalledSince(samples, committed) : 0,
    };
  }
}
