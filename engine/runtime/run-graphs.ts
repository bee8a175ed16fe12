import type { CarillonError } from "../../schemas/errors.js";
import type { Clock } from "../../stores/clock.js";
import type { Consumption, EventLog } from "../../stores/event-log/event-log.js";
import type { Timers } from "../../stores/timers/timers.js";
import type { SubTopology, Topology } from "../builder.js";
import { diagnostics } from "../diagnostics.js";
import { checkGraphs } from "../graphs.js";
import type { Queue } from "../queue.js";
import { runBatch } from "./batch-runner.js";
import type { Codecs } from "./codecs.js";
import { createBatchHandler, createBurial, type HandlerDependencies } from "./record-handler.js";
import { Refusals } from "./refusals.js";
import { writeBatch } from "./sink-runner.js";

export interface RuntimeOptions {
  readonly groupOf: (queue: Queue) => string;
  /** The queues that this process consumes. */
  readonly runs: (queue: Queue) => boolean;
  /** How many of a queue's `concurrency` may be in flight now, if that varies. */
  readonly limit?: ((queue: Queue, concurrency: number) => number) | undefined;
  readonly drainMs: number;
  readonly commitEveryMs: number;
}

export interface RuntimeDependencies extends HandlerDependencies {
  readonly log: EventLog;
  readonly timers: Timers;
  readonly clock: Clock;
  readonly codecs: Codecs;
}

/** A queue that this process consumes, with its number of living consumers. */
export interface ConsumedQueue {
  readonly queue: Queue;
  readonly living: number;
  /** Why some are not alive; undefined if all are. */
  readonly trouble: CarillonError | undefined;
}

export interface RunningGraphs {
  /** The current state. */
  consumed(): readonly ConsumedQueue[];
  /** Drains and commits records in flight, then leaves all groups. */
  stop(): Promise<void>;
}

const consumeQueue = (sub: SubTopology, queue: Queue, options: RuntimeOptions, dependencies: RuntimeDependencies): Promise<Consumption> => {
  const { topic, consumers, guarantee, concurrency, maxBatchRecords, sessionTimeoutMs, share } = queue;
  const { sink } = sub;
  const handle = createBatchHandler(sub, queue, dependencies, guarantee !== "at_most_once");
  const { origin, clock } = dependencies;
  const timed = async <T>(records: number, work: Promise<T>): Promise<T> => {
    const begin = clock.elapsed();
    const done = await work;
    diagnostics.handled.publish(origin, { queue, records, inFlightMs: clock.elapsed() - begin });
    return done;
  };
  const { drainMs, commitEveryMs, limit } = options;
  const limited = limit ? { limit: (most: number) => limit(queue, most) } : {};
  const bury = createBurial(sub, dependencies);
  const refusals = new Refusals();
  return dependencies.log.consume({
    group: options.groupOf(queue),
    topic: dependencies.topicOf(topic),
    consumers,
    guarantee: sink ? "at_least_once" : guarantee,
    maxBatchRecords,
    ...(sessionTimeoutMs === undefined ? {} : { sessionTimeoutMs }),
    share,
    onBatch: (batch) =>
      sink
        ? timed(batch.records.length, writeBatch(batch, sink, sub, dependencies, drainMs))
        : runBatch(
            batch,
            { guarantee, concurrency, drainMs, commitEveryMs, ...limited },
            { handle, timers: dependencies.timers, clock, bury, refusals },
          ),
    onError: (error) => diagnostics.trouble.publish(origin, { where: queue.name, error }),
  });
};

/** Runs graphs on any EventLog. Each queue has its own consumers. Rejects graphs that are incompatible with each other. */
export const runGraphs = async (
  graphs: readonly Topology[],
  options: RuntimeOptions,
  dependencies: RuntimeDependencies,
): Promise<RunningGraphs> => {
  checkGraphs(graphs);
  const queues = graphs
    .flatMap(({ subTopologies }) => subTopologies)
    .flatMap((sub) => sub.queues.filter(options.runs).map((queue) => ({ sub, queue })));
  const starting = queues.map(async ({ sub, queue }) => ({ queue, consumption: await consumeQueue(sub, queue, options, dependencies) }));
  const settled = await Promise.allSettled(starting);
  const running = settled.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
  const stop = async (): Promise<void> => {
    await Promise.all(running.map(({ consumption }) => consumption.stop()));
  };
  const failed = settled.find((result) => result.status === "rejected");
  if (failed) {
    await stop();
    throw failed.reason;
  }
  return {
    stop,
    consumed: () => running.map(({ queue, consumption }) => ({ queue, living: consumption.living(), trouble: consumption.trouble() })),
  };
};
