import type { Queue } from "../../engine/queue.js";
import type { WorkerLoad } from "./worker-load.js";

/** A queue's measurements. */
export interface MeasuredQueue {
  readonly queue: Queue;
  readonly inPerSecond: number;
  readonly lag: number;
  /** Null if the queue is empty. */
  readonly oldestMs: number | null;
}

export interface PlanTarget {
  /** Longest time that a record may be queued. */
  readonly ageMs: number;
  /** Peak arrival rate, as a multiple of the current one. */
  readonly peak: number;
}

/** The current and the required sizes for a part of the configuration. */
export interface PartPlan {
  /** Such as lanes.critical or receipts. */
  readonly part: string;
  readonly queues: readonly string[];
  readonly inPerSecond: number;
  readonly lag: number;
  readonly oldestMs: number | null;
  /** How long a record is in flight; null without recent records. */
  readonly inFlightMs: number | null;
  /** CPU time per record. */
  readonly cpuMs: number | null;
  readonly current: Sizes;
  /** Null without recent records, because nothing was measured then. */
  readonly recommended: (Sizes & { readonly replicas: number }) | null;
  /** A problem that no size can fix. */
  readonly note: string | null;
}

interface Sizes {
  readonly partitions: number;
  readonly consumers: number;
}

/** Planned utilization. The rest is reserved for uneven arrivals. */
const use = 0.7;
/** Each consumer handles several partitions concurrently. */
const partitionsPerConsumer = 2;

const largest = (sizes: readonly number[]): number => Math.max(...sizes);

interface Work {
  readonly records: number;
  readonly inFlightMs: number;
  readonly cpuMs: number;
}

/** The work of all processes on a queue. A thread's CPU time is divided among its records evenly. */
const workOf = ({ name }: Queue, loads: readonly WorkerLoad[]): Work => {
  let [records, inFlightMs, cpuMs] = [0, 0, 0];
  for (const { spanMs, busy, queues } of loads) {
    const own = queues[name];
    if (!own) continue;
    const all = Object.values(queues).reduce((sum, one) => sum + one.records, 0);
    records += own.records;
    inFlightMs += own.inFlightMs;
    cpuMs += (busy * spanMs * own.records) / Math.max(all, 1);
  }
  return { records, inFlightMs, cpuMs };
};

interface Need {
  readonly partitions: number;
  readonly threads: number;
  readonly work: Work;
}

/**
 * Little's law: records in flight equal the arrival rate times the time in flight. The backlog has to be gone within the target as well.
 */
const needOf = (measured: MeasuredQueue, loads: readonly WorkerLoad[], { ageMs, peak }: PlanTarget): Need => {
  const work = workOf(measured.queue, loads);
  if (work.records === 0) return { partitions: 0, threads: 0, work };
  const perSecond = measured.inPerSecond * peak + measured.lag / (ageMs / 1_000);
  const inFlight = (perSecond * (work.inFlightMs / work.records)) / 1_000;
  const threads = (perSecond * (work.cpuMs / work.records)) / 1_000;
  return { partitions: inFlight / use / measured.queue.concurrency, threads: threads / use, work };
};

const sumOf = <T>(items: readonly T[], of: (item: T) => number): number => items.reduce((sum, item) => sum + of(item), 0);

const planPart = (part: string, queues: readonly MeasuredQueue[], loads: readonly WorkerLoad[], target: PlanTarget): PartPlan => {
  const partitions = largest(queues.map(({ queue }) => queue.partitions));
  const consumers = largest(queues.map(({ queue }) => queue.consumers));
  const needs = queues.map((queue) => needOf(queue, loads, target));
  const records = sumOf(needs, ({ work }) => work.records);
  const inFlightMs = records === 0 ? null : sumOf(needs, ({ work }) => work.inFlightMs) / records;
  const ages = queues.flatMap(({ oldestMs }) => oldestMs ?? []);
  const replicas = Math.max(1, Math.ceil(sumOf(needs, ({ threads }) => threads)));
  // partitions only grow, and each replica needs one of each topic
  const wantedPartitions = Math.max(partitions, replicas, ...needs.map((need) => Math.ceil(need.partitions)));
  const wantedConsumers = Math.max(
    1,
    Math.min(Math.ceil(wantedPartitions / replicas / partitionsPerConsumer), Math.floor(wantedPartitions / replicas)),
  );
  const tooSlow = inFlightMs !== null && inFlightMs > target.ageMs;
  return {
    part,
    queues: queues.map(({ queue }) => queue.name),
    inPerSecond: sumOf(queues, ({ inPerSecond }) => inPerSecond),
    lag: sumOf(queues, ({ lag }) => lag),
    oldestMs: ages.length === 0 ? null : Math.max(...ages),
    inFlightMs,
    cpuMs: records === 0 ? null : sumOf(needs, ({ work }) => work.cpuMs) / records,
    current: { partitions, consumers },
    recommended: records === 0 ? null : { partitions: wantedPartitions, consumers: wantedConsumers, replicas },
    note: tooSlow ? "a single record takes longer than the target: check its provider" : null,
  };
};

/** The sizes that each part of the configuration needs so that no record is queued for longer than the target, derived from measurements. */
export const planScale = (queues: readonly MeasuredQueue[], loads: readonly WorkerLoad[], target: PlanTarget): readonly PartPlan[] => {
  const parts = new Map<string, MeasuredQueue[]>();
  for (const queue of queues) {
    const part = queue.queue.sizedBy ?? queue.queue.name;
    parts.set(part, [...(parts.get(part) ?? []), queue]);
  }
  return [...parts].map(([part, own]) => planPart(part, own, loads, target));
};
