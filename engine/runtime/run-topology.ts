import type { CarillonError } from "../../schemas/errors.js";
import type { Clock } from "../../stores/clock.js";
import type { Consumption, EventLog, Guarantee } from "../../stores/event-log/event-log.js";
import type { Timers } from "../../stores/timers/timers.js";
import type { SubTopology, Topology } from "../builder.js";
import type { TopicMember } from "../topic-family.js";
import { runBatch } from "./batch-runner.js";
import type { Codecs } from "./codecs.js";
import { createBurial, createRecordHandler, type HandlerDependencies } from "./record-handler.js";
import { Refusals } from "./refusals.js";
import { writeBatch } from "./sink-runner.js";

/** How one topic of a sub-topology is consumed. */
export interface MemberOptions {
  readonly guarantee: Guarantee;
  readonly concurrency: number;
  readonly maxBatchRecords: number;
  /** See ConsumeOptions. */
  readonly sessionTimeoutMs?: number;
  /** Whose outputs its own may wait for. */
  readonly share: string;
  /** How many of `concurrency` may be in hand now, where that changes. */
  readonly limit?: (concurrency: number) => number;
}

export interface RuntimeOptions {
  readonly memberOptions: (sub: string, member: string) => MemberOptions;
  readonly groupOf: (sub: string, member: string) => string;
  /** Which topics this process consumes. */
  readonly runs: (sub: string, member: string) => boolean;
  readonly drainMs: number;
  readonly commitEveryMs: number;
}

export interface RuntimeDependencies extends HandlerDependencies {
  readonly log: EventLog;
  readonly timers: Timers;
  readonly clock: Clock;
  readonly codecs: Codecs;
  readonly onError: (sub: string, member: string, error: unknown) => void;
  /** Told of records that are done, and how long they were in hand together. */
  readonly onHandled?: (sub: string, member: string, records: number, inHandMs: number) => void;
}

/** A queue that this process consumes, and how many of its consumers live. */
export interface ConsumedQueue {
  readonly sub: string;
  readonly member: string;
  readonly configured: number;
  readonly living: number;
  /** Why not all of them live; undefined when they do. */
  readonly trouble: CarillonError | undefined;
}

export interface RunningTopology {
  /** As it is now. */
  consumed(): readonly ConsumedQueue[];
  /** Drains and commits what is in hand, then leaves all groups. */
  stop(): Promise<void>;
}

const consumeMember = (
  sub: SubTopology,
  member: TopicMember,
  options: RuntimeOptions,
  dependencies: RuntimeDependencies,
): Promise<Consumption> => {
  const { guarantee, concurrency, maxBatchRecords, sessionTimeoutMs, share, limit } = options.memberOptions(sub.name, member.name);
  const { sink } = sub;
  const handleOne = createRecordHandler(sub, dependencies, guarantee !== "at_most_once");
  const timed = async <T>(records: number, work: Promise<T>): Promise<T> => {
    const begin = dependencies.clock.elapsed();
    const done = await work;
    dependencies.onHandled?.(sub.name, member.name, records, dependencies.clock.elapsed() - begin);
    return done;
  };
  const handle: typeof handleOne = dependencies.onHandled ? (record, signal) => timed(1, handleOne(record, signal)) : handleOne;
  const { drainMs, commitEveryMs } = options;
  const bury = createBurial(sub, dependencies);
  const refusals = new Refusals();
  return dependencies.log.consume({
    group: options.groupOf(sub.name, member.name),
    topic: dependencies.topicOf(member.name),
    consumers: member.consumers,
    guarantee: sink ? "at_least_once" : guarantee,
    maxBatchRecords,
    ...(sessionTimeoutMs === undefined ? {} : { sessionTimeoutMs }),
    share,
    onBatch: (batch) =>
      sink
        ? timed(batch.records.length, writeBatch(batch, sink, sub, dependencies))
        : runBatch(
            batch,
            { guarantee, concurrency, drainMs, commitEveryMs, ...(limit ? { limit } : {}) },
            { handle, timers: dependencies.timers, clock: dependencies.clock, bury, refusals },
          ),
    onError: (error) => dependencies.onError(sub.name, member.name, error),
  });
};

/** Runs a topology on any EventLog: for each topic of each sub-topology, consumers of its own. */
export const runTopology = async (
  topology: Topology,
  options: RuntimeOptions,
  dependencies: RuntimeDependencies,
): Promise<RunningTopology> => {
  const queues = topology.subTopologies.flatMap((sub) =>
    sub.input.members.filter((member) => options.runs(sub.name, member.name)).map((member) => ({ sub, member })),
  );
  const starting = queues.map(async ({ sub, member }) => ({
    sub: sub.name,
    member,
    consumption: await consumeMember(sub, member, options, dependencies),
  }));
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
    consumed: () =>
      running.map(({ sub, member, consumption }) => ({
        sub,
        member: member.name,
        configured: member.consumers,
        living: consumption.living(),
        trouble: consumption.trouble(),
      })),
  };
};
