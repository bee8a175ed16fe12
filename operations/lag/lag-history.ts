import type { PartitionLag } from "../../stores/event-log/event-log.js";
import type { TopicLag } from "./lag.js";

interface Sample {
  readonly atMs: number;
  readonly end: number;
  readonly committed: number;
}

/** How a queue flows, besides how much waits in it. */
export interface Flow {
  /** Records a second that came in, and that were done, over the last samples. */
  readonly inPerSecond: number;
  readonly outPerSecond: number;
  /** How long the oldest record that waits has waited, in milliseconds; null where nothing waits. */
  readonly oldestMs: number | null;
  /** Whether the oldest came before the first look, so that it is older than is told. */
  readonly older: boolean;
  /** How long records have been queued without a commit, in milliseconds; 0 where nothing is queued, or commits go on. */
  readonly stalledMs: number;
}

/** The same of each partition. */
export interface QueueFlow extends Flow {
  readonly flows: ReadonlyMap<number, Flow>;
}

const mostSamples = 240;
/** Rates are taken over this span. */
const rateSpanMs = 10_000;

/** When the latest samples began to show queued records behind the same commit. */
const stalledSince = (samples: readonly Sample[], committed: number): number => {
  const moved = samples.findLastIndex((sample) => sample.committed !== committed || sample.end <= sample.committed);
  return samples[moved + 1]?.atMs ?? 0;
};

/**
 * What the ends and commits of partitions tell when they are looked at again and again: rates, and since when the oldest
 * record waits. A record came no later than the look that first saw the end beyond it, so an age is told a little too
 * young, by the time between two looks at most; what came before the first look counts from then, and is marked so.
 */
export class LagHistory {
  private readonly partitions = new Map<string, Sample[]>();

  /** Notes a look at a queue, and tells how it flows. */
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
