import type { LogRecord, RecordBatch } from "../stores/event-log/event-log.js";
import type { MemoryLog } from "../stores/event-log/memory-log.js";
import type { Timers } from "../stores/timers/timers.js";
import type { VirtualClock } from "../stores/virtual-clock.js";
import type { SubTopology, Topology } from "./builder.js";
import type { Queue } from "./queue.js";
import { runBatch } from "./runtime/batch-runner.js";
import type { Codecs } from "./runtime/codecs.js";
import { outgoingOf } from "./runtime/outgoing.js";
import { createBatchHandler, createBurial, type HandlerDependencies } from "./runtime/record-handler.js";
import { writeBatch } from "./runtime/sink-runner.js";
import type { TopicFamily } from "./topic-family.js";

/** Runs graphs in this thread with the real codecs and runtime, on a clock that only the test moves. */
export interface TopologyTestDriver {
  readonly clock: VirtualClock;
  /** Feeds one record and runs until no work is left. */
  pipe<T>(family: TopicFamily<T>, value: T): Promise<void>;
  /** Feeds unchanged bytes into a topic (its name without the prefix). */
  pipeBytes(member: string, value: Buffer | null, key?: string): Promise<void>;
  /** Advances time. Timers that come due meanwhile fire at their time. */
  advance(ms: number): Promise<void>;
  /** The values in a family's topics since the last read, in order. */
  read<T>(family: TopicFamily<T>): Promise<T[]>;
}

export interface TestDriverDependencies extends HandlerDependencies {
  readonly graphs: readonly Topology[];
  readonly log: MemoryLog;
  readonly timers: Timers;
  readonly clock: VirtualClock;
  readonly codecs: Codecs;
}

const group = "test-driver";
const options = { guarantee: "at_least_once", concurrency: 16, drainMs: 1_000, commitEveryMs: 100 } as const;
/** A graph that feeds itself indefinitely ends with an error instead of a test that never ends. */
const maxRounds = 100_000;

/** Returns what runs the graphs, and fires due timers, until nothing is left to do. Rejects for a graph that feeds itself indefinitely. */
const createRounds = (dependencies: TestDriverDependencies): (() => Promise<void>) => {
  const { graphs, log, timers, clock, topicOf } = dependencies;
  const subTopologies = graphs.flatMap((graph) => graph.subTopologies);
  const handlers = new Map(
    subTopologies.flatMap((sub) => sub.queues.map((queue) => [queue.name, createBatchHandler(sub, queue, dependencies)] as const)),
  );
  const batchOf = (sub: SubTopology, topic: string, partition: number, records: readonly LogRecord[]): RecordBatch => ({
    topic,
    partition,
    records,
    signal: new AbortController().signal,
    progress: () => undefined,
    append: (outputs) => log.write(outputs),
    commit: (next, outputs) => log.write(outputs, { group: `${group}.${sub.name}`, topic, partition, next }),
  });
  const runPartition = async (sub: SubTopology, queue: Queue, topic: string, partition: number): Promise<boolean> => {
    const records = log.read(topic, partition, log.committed(`${group}.${sub.name}`, topic, partition), 500);
    if (records.length === 0) return false;
    const batch = batchOf(sub, topic, partition, records);
    const handle = handlers.get(queue.name);
    if (sub.sink) await writeBatch(batch, sub.sink, sub, dependencies, options.drainMs);
    else if (handle) await runBatch(batch, options, { handle, timers, clock, bury: createBurial(sub, dependencies) });
    return true;
  };
  const runOnce = async (): Promise<boolean> => {
    let worked = false;
    for (const sub of subTopologies) {
      for (const queue of sub.queues) {
        const topic = topicOf(queue.topic);
        for (let partition = 0; partition < log.partitions(topic); partition += 1) {
          worked = (await runPartition(sub, queue, topic, partition)) || worked;
        }
      }
    }
    return worked;
  };
  const fireDue = async (): Promise<void> => {
    const due = await timers.claimDue(1_000, 60_000);
    await log.append(due.map(({ record }) => record));
    await timers.complete(due.map(({ id }) => id));
  };
  return async () => {
    for (let round = 0; round < maxRounds; round += 1) {
      await fireDue();
      if (!(await runOnce())) return;
    }
    throw new Error(`the topology did not become idle within ${maxRounds} rounds`);
  };
};

export const createTestDriver = (dependencies: TestDriverDependencies): TopologyTestDriver => {
  const { log, timers, clock, codecs, topicOf } = dependencies;
  const runUntilIdle = createRounds(dependencies);
  const readUpTo = new Map<string, number>();
  return {
    clock,
    pipe: async (family, value) => {
      await log.append([outgoingOf(family, value, codecs, topicOf)]);
      await runUntilIdle();
    },
    pipeBytes: async (member, value, key = "key") => {
      await log.append([{ topic: topicOf(member), key, value }]);
      await runUntilIdle();
    },
    advance: async (ms) => {
      const end = clock.now() + ms;
      for (let next = await timers.nextDueInMs(); next !== undefined && clock.now() + next <= end; next = await timers.nextDueInMs()) {
        clock.advance(Math.max(0, next));
        await runUntilIdle();
      }
      clock.advance(end - clock.now());
      await runUntilIdle();
    },
    read: async <T>(family: TopicFamily<T>): Promise<T[]> => {
      const values: T[] = [];
      for (const member of family.members) {
        const records = await log.scan(topicOf(member.name), Number.MAX_SAFE_INTEGER);
        const from = readUpTo.get(member.name) ?? 0;
        readUpTo.set(member.name, records.length);
        for (const record of records.slice(from)) values.push(await codecs.of(family).decode(record.value));
      }
      return values;
    },
  };
};
