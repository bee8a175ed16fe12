/** Numbers in [0, 1) from a seed. Source: mulberry32, public domain. */
export const createRandom = (seed: number) => {
  let state = seed;
  return (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
};

export interface QueuePlan {
  readonly seed: number;
  /** Arrivals per second, over all partitions. */
  readonly perSecond: number;
  readonly partitions: number;
  /** Processes that share the partitions. */
  readonly workers: number;
  /** Mean CPU time of a worker's one thread per message, in seconds. */
  readonly cpuSeconds: number;
  /** Distribution of the times: exponential or constant. */
  readonly service: "exponential" | "constant";
  readonly seconds: number;
  /** This period is not counted. */
  readonly warmUpSeconds: number;
  /** A worker that fails, and the time until the others take over its partitions. */
  readonly death?: { readonly atSecond: number; readonly noticedAfterSeconds: number };
}

export interface QueueOutcome {
  readonly messages: number;
  /** Seconds from arrival to the start of the work. */
  readonly meanWaitSeconds: number;
  readonly p50WaitSeconds: number;
  readonly p99WaitSeconds: number;
  readonly worstWaitSeconds: number;
}

/** A worker's one thread, and when it is free, in seconds of the simulated clock. */
interface Thread {
  freeAt: number;
}

/**
 * Messages arrive as a Poisson process, each at its key's partition. A partition's messages wait in order for the one thread of the
 * partition's worker. Time spent at the provider takes no thread, so it is not simulated.
 */
export const simulateQueue = (plan: QueuePlan): QueueOutcome => {
  const random = createRandom(plan.seed);
  const exponential = (mean: number): number => -Math.log(1 - random()) * mean;
  const threads: Thread[] = Array.from({ length: plan.workers }, () => ({ freeAt: 0 }));
  const { death } = plan;
  const survivors = Math.max(1, plan.workers - 1);
  /** The worker of a partition at a time; undefined while the failure of its worker is undetected. */
  const ownerOf = (partition: number, at: number): number | undefined => {
    const owner = partition % plan.workers;
    if (!death || owner !== 0 || at < death.atSecond) return owner;
    return at < death.atSecond + death.noticedAfterSeconds
      ? undefined
      : plan.workers > 1
        ? 1 + (Math.floor(partition / plan.workers) % survivors)
        : 0;
  };
  const waits: number[] = [];
  let late: { readonly arrival: number; readonly partition: number }[] = [];
  const serve = (arrival: number, from: number, owner: number): void => {
    const thread = threads[owner];
    if (!thread) return;
    const begin = Math.max(from, thread.freeAt);
    thread.freeAt = begin + (plan.service === "constant" ? plan.cpuSeconds : exponential(plan.cpuSeconds));
    if (arrival >= plan.warmUpSeconds) waits.push(begin - arrival);
  };
  const takeOver = (at: number): void => {
    for (const { arrival, partition } of late) serve(arrival, at, ownerOf(partition, at) ?? 0);
    late = [];
  };
  for (let now = exponential(1 / plan.perSecond); now < plan.seconds; now += exponential(1 / plan.perSecond)) {
    const partition = Math.floor(random() * plan.partitions);
    const owner = ownerOf(partition, now);
    if (owner === undefined) late.push({ arrival: now, partition });
    else {
      // the backlog of the failed worker's partitions comes first
      if (late.length > 0 && death && now >= death.atSecond + death.noticedAfterSeconds)
        takeOver(death.atSecond + death.noticedAfterSeconds);
      serve(now, now, owner);
    }
  }
  const sorted = Float64Array.from(waits).sort();
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
  return {
    messages: sorted.length,
    meanWaitSeconds: waits.reduce((sum, wait) => sum + wait, 0) / waits.length,
    p50WaitSeconds: at(0.5),
    p99WaitSeconds: at(0.99),
    worstWaitSeconds: at(1),
  };
};
