import type { LogRecord, RecordBatch } from "../stores/event-log/event-log.js";
import type { MemoryLog } from "../stores/event-log/memory-log.js";
import type { Timers } from "../stores/timers/timers.js";
import { checkAdvance, type VirtualClock } from "../stores/virtual-clock.js";
import type { SubTopology, Topology } from "./builder.js";
import type { Queue } from "./queue.js";
import { runBatch } from "./runtime/batch-runner.js";
import type { Codecs } from "./runtime/codecs.js";
import { createBatchHandler, createBurial, type HandlerDependencies } from "./runtime/record-handler.js";
import { writeBatch } from "./runtime/sink-runner.js";

export interface TestDriverDependencies extends HandlerDependencies {
  readonly graphs: readonly Topology[];
  readonly log: MemoryLog;
  readonly timers: Timers;
  readonly clock: VirtualClock;
  readonly codecs: Codecs;
}

const group = "test-driver";
/** The end of a batch commits it. A commit meanwhile would make every `advance` stop at its time. */
const commitEveryMs = 86_400_000;
const options = { guarantee: "at_least_once", concurrency: 16, drainMs: 1_000, commitEveryMs } as const;
/** A graph that feeds itself indefinitely ends with an error instead of a test that never ends. */
const maxRounds = 100_000;

const neverIdle = (): Error => new Error(`the topology did not become idle within ${maxRounds} rounds`);

/** One batch of each partition at a time. A batch that waits for the clock stays in flight, and the others continue. */
const createPartitions = ({ graphs, log, timers, clock, topicOf, ...others }: TestDriverDependencies) => {
  const dependencies = { graphs, log, timers, clock, topicOf, ...others };
  const subTopologies = graphs.flatMap((graph) => graph.subTopologies);
  const handlers = new Map(
    subTopologies.flatMap((sub) => sub.queues.map((queue) => [queue.name, createBatchHandler(sub, queue, dependencies)] as const)),
  );
  const inFlight = new Map<string, Promise<void>>();
  let failure: { readonly error: unknown } | undefined;
  const batchOf = (sub: SubTopology, topic: string, partition: number, records: readonly LogRecord[]): RecordBatch => ({
    topic,
    partition,
    records,
    signal: new AbortController().signal,
    progress: () => undefined,
    append: (outputs) => log.write(outputs),
    commit: (next, outputs) => log.write(outputs, { group: `${group}.${sub.name}`, topic, partition, next }),
  });
  const run = async (sub: SubTopology, queue: Queue, batch: RecordBatch): Promise<void> => {
    const handle = handlers.get(queue.name);
    if (sub.sink) await writeBatch(batch, sub.sink, sub, dependencies, options.drainMs);
    else if (handle) await runBatch(batch, options, { handle, timers, clock, bury: createBurial(sub, dependencies) });
  };
  /** Starts the partition's next batch. Undefined if there is none, or one is in flight. */
  const start = (sub: SubTopology, queue: Queue, topic: string, partition: number): Promise<void> | undefined => {
    const place = `${sub.name} ${topic} ${partition}`;
    if (inFlight.has(place)) return undefined;
    const records = log.read(topic, partition, log.committed(`${group}.${sub.name}`, topic, partition), 500);
    if (records.length === 0) return undefined;
    const work = run(sub, queue, batchOf(sub, topic, partition, records)).then(
      () => void inFlight.delete(place),
      (error: unknown) => {
        failure ??= { error };
        inFlight.delete(place);
      },
    );
    inFlight.set(place, work);
    return work;
  };
  return {
    inFlight,
    /** Runs a batch of each partition, one after another. Resolves false if there was nothing to run. */
    runOnce: async (untilStill: (work: Promise<void>) => Promise<void>): Promise<boolean> => {
      let worked = false;
      for (const sub of subTopologies) {
        for (const queue of sub.queues) {
          const topic = topicOf(queue.topic);
          for (let partition = 0; partition < log.partitions(topic); partition += 1) {
            const work = start(sub, queue, topic, partition);
            if (!work) continue;
            worked = true;
            await untilStill(work);
          }
        }
      }
      return worked;
    },
    /** Throws the first error since the last call. */
    throwFailure: (): void => {
      const failed = failure;
      failure = undefined;
      if (failed) throw failed.error;
    },
  };
};

/** Runs graphs, and fires due timers. A batch's error rejects the call during which it occurred, or the next one. */
export interface Rounds {
  /** Resolves when all remaining work waits for the clock. Rejects for a graph that feeds itself indefinitely. */
  runUntilIdle(): Promise<void>;
  /** Advances the clock, from one time at which something is due to the next. */
  advance(ms: number): Promise<void>;
}

export const createRounds = (dependencies: TestDriverDependencies): Rounds => {
  const { log, timers, clock } = dependencies;
  const { inFlight, runOnce, throwFailure } = createPartitions(dependencies);
  const fireDue = async (): Promise<void> => {
    const due = await timers.claimDue(1_000, 60_000);
    await log.append(due.map(({ record }) => record));
    await timers.complete(due.map(({ id }) => id));
  };
  /** Lets work in flight end that the clock has woken or that waits for nothing. Resolves whether more can run now. */
  const settleInFlight = async (untilStill: (work: Promise<void>) => Promise<void>): Promise<boolean> => {
    const before = inFlight.size;
    if (before > 0) await untilStill(Promise.race(inFlight.values()));
    if (inFlight.size < before) return true;
    if (clock.nextInMs() !== 0) return false;
    clock.advance(0);
    return true;
  };
  const runUntilIdle = async (): Promise<void> => {
    const untilStill = clock.watch();
    for (let round = 0; round < maxRounds; round += 1) {
      throwFailure();
      await fireDue();
      const worked = await runOnce(untilStill);
      throwFailure();
      if (!worked && !(await settleInFlight(untilStill))) return throwFailure();
    }
    throw neverIdle();
  };
  const nextStepMs = async (): Promise<number> =>
    Math.max(0, Math.min((await timers.nextDueInMs()) ?? Number.POSITIVE_INFINITY, clock.nextInMs() ?? Number.POSITIVE_INFINITY));
  /** Moves the clock, and lets detached work that it wakes continue. */
  const move = async (ms: number): Promise<void> => {
    const wakes = (clock.nextInMs() ?? Number.POSITIVE_INFINITY) <= ms;
    const untilStill = clock.watch();
    clock.advance(ms);
    if (wakes) await untilStill(new Promise(() => undefined));
    await runUntilIdle();
  };
  return {
    runUntilIdle,
    advance: async (ms) => {
      checkAdvance(ms);
      const end = clock.now() + ms;
      for (let step = await nextStepMs(); clock.now() + step <= end; step = await nextStepMs()) await move(step);
      await move(Math.max(0, end - clock.now()));
    },
  };
};
