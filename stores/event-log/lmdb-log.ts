import { isDeepStrictEqual } from "node:util";
import type { Database } from "lmdb";
import { CarillonError } from "../../schemas/errors.js";
import type { Clock } from "../clock.js";
import type { LmdbEnvironment } from "../lmdb-environment.js";
import type { ThreadSignals } from "../thread-signals.js";
import { lagLocally, waitedLocally } from "./consumer-lag.js";
import type { EventLog, LogRecord, OutgoingRecord, TopicSpec } from "./event-log.js";
import { existingOf } from "./existing-topics.js";
import { consumeLocally, type LocalLog } from "./partition-loop.js";
import { partitionOf } from "./partition-of.js";
import { decodeSegment, encodeSegment, segmentLength, segmentTimestampMs } from "./record-segment.js";
import { scanLocally } from "./scan-locally.js";
import { refuseShrinking } from "./shrinking-topics.js";
import { createSignal } from "./topic-signal.js";
import { watchEnds } from "./watch-ends.js";

export interface LmdbLogOptions {
  /** Interval between searches for old segments, in milliseconds. */
  readonly sweepEveryMs?: number;
  /** Signals to and from consumers in other threads of the process. */
  readonly signals?: Pick<ThreadSignals, "publish" | "subscribe"> | undefined;
}

type SegmentKey = [topic: string, partition: number, baseOffset: number];
interface OffsetCommit {
  readonly group: string;
  readonly topic: string;
  readonly partition: number;
  readonly next: number;
}
interface Write {
  readonly outputs: readonly OutgoingRecord[];
  readonly offset: OffsetCommit | undefined;
  resolve(): void;
  reject(error: unknown): void;
}

const topicsSignal = "topics";

const sweepSegments = 1_000;

/** A durable log in one LMDB file. Pending appends share one transaction and one sync. */
export const createLmdbLog = (environment: LmdbEnvironment, clock: Clock, options: LmdbLogOptions = {}): EventLog & LocalLog => {
  const { root } = environment;
  const topics: Database<TopicSpec, string> = root.openDB("log-topics", {});
  const segments: Database<Buffer, SegmentKey> = root.openDB("log-segments", { encoding: "binary" });
  const ends: Database<number, [string, number]> = root.openDB("log-ends", {});
  const offsets: Database<number, [string, string, number]> = root.openDB("log-offsets", {});
  const groups: Database<boolean, [topic: string, group: string]> = root.openDB("log-groups", {});
  const signal = createSignal();
  const stops: (() => Promise<void>)[] = [];
  let queue: Write[] = [];
  let draining: Promise<void> | undefined;
  let turn = 0;
  let closed = false;
  let unwatch: (() => void) | undefined;
  let closing: Promise<void> | undefined;

  const place = (outputs: readonly OutgoingRecord[], into: Map<string, Map<number, OutgoingRecord[]>>): void => {
    for (const output of outputs) {
      const spec = topics.get(output.topic);
      if (!spec) throw new CarillonError("NOT_FOUND", `the topic ${output.topic} does not exist`);
      const partition = partitionOf(output.key, spec.partitions, turn++);
      const partitions = into.get(output.topic) ?? new Map<number, OutgoingRecord[]>();
      into.set(output.topic, partitions);
      const records = partitions.get(partition);
      if (records) records.push(output);
      else partitions.set(partition, [output]);
    }
  };

  const writeGroup = async (writes: readonly Write[]): Promise<void> => {
    const placed = new Map<string, Map<number, OutgoingRecord[]>>();
    for (const { outputs } of writes) place(outputs, placed);
    // encoded before the transaction starts: an exception inside it would leave half of the writes behind
    const encoded = [...placed].flatMap(([topic, partitions]) =>
      [...partitions].map(([partition, records]) => ({
        topic,
        partition,
        count: records.length,
        segment: encodeSegment(records, clock.now()),
      })),
    );
    await environment.transaction(() => {
      for (const { topic, partition, count, segment } of encoded) {
        const base = ends.get([topic, partition]) ?? 0;
        void segments.put([topic, partition, base], segment);
        void ends.put([topic, partition], base + count);
      }
      for (const { offset } of writes) if (offset) void offsets.put([offset.group, offset.topic, offset.partition], offset.next);
    });
    for (const topic of placed.keys()) signal.raise(topic);
    if (placed.size > 0) options.signals?.publish(topicsSignal, [...placed.keys()]);
  };
  const unsubscribe = options.signals?.subscribe(topicsSignal, (names) => {
    // this thread's snapshot from the current turn of its event loop may be older than the other thread's writes
    root.resetReadTxn();
    for (const topic of names as readonly string[]) signal.raise(topic);
  });

  const drain = async (): Promise<void> => {
    while (queue.length > 0) {
      const writes = queue;
      queue = [];
      try {
        await writeGroup(writes);
        for (const write of writes) write.resolve();
      } catch (error) {
        for (const write of writes) write.reject(error);
      }
    }
    draining = undefined;
  };

  const write = (outputs: readonly OutgoingRecord[], offset?: OffsetCommit): Promise<void> =>
    new Promise((resolve, reject) => {
      if (closed) {
        reject(new CarillonError("CLOSED", "the log is closed"));
        return;
      }
      for (const { topic } of outputs) {
        if (!topics.get(topic)) {
          reject(new CarillonError("NOT_FOUND", `the topic ${topic} does not exist`, { fix: "create it with ensureTopics" }));
          return;
        }
      }
      queue.push({ outputs, offset, resolve, reject });
      draining ??= Promise.resolve().then(drain);
    });

  const baseOf = (topic: string, partition: number, offset: number): number => {
    if (segments.doesExist([topic, partition, offset])) return offset;
    const [entry] = [...segments.getKeys({ start: [topic, partition, offset], end: [topic, partition, -1], reverse: true, limit: 1 })];
    return entry?.[0] === topic && entry[1] === partition ? entry[2] : offset;
  };

  const read = (topic: string, partition: number, offset: number, limit: number): LogRecord[] => {
    const found: LogRecord[] = [];
    const start: SegmentKey = [topic, partition, baseOf(topic, partition, offset)];
    for (const { key, value } of segments.getRange({ start, end: [topic, partition, Number.MAX_SAFE_INTEGER] })) {
      for (const record of decodeSegment(value, topic, partition, key[2])) {
        if (record.offset >= offset && found.length < limit) found.push(record);
      }
      if (found.length >= limit) break;
    }
    return found;
  };

  const endOf = (topic: string, partition: number): number => ends.get([topic, partition]) ?? 0;
  const committed = (group: string, topic: string, partition: number): number => offsets.get([group, topic, partition]) ?? 0;

  /** The offset before which every group has read: unread records are never removed. */
  const consumedUpTo = (topic: string, partition: number): number => {
    const names = [...groups.getKeys({ start: [topic, ""], end: [topic, "\uffff"] })].map(([, group]) => group);
    return Math.min(...names.map((group) => committed(group, topic, partition)), Number.MAX_SAFE_INTEGER);
  };

  /** Segments of a partition that every group has read and that have passed their retention. */
  const outdated = (topic: string, partition: number, retentionMs: number): SegmentKey[] => {
    const limit = consumedUpTo(topic, partition);
    const old: SegmentKey[] = [];
    for (const { key, value } of segments.getRange({
      start: [topic, partition, 0],
      end: [topic, partition, limit],
      limit: sweepSegments,
    })) {
      if (key[2] + segmentLength(value) > limit || segmentTimestampMs(value) > clock.now() - retentionMs) break;
      old.push(key);
    }
    return old;
  };
  const sweep = async (): Promise<void> => {
    for (const { key: topic, value: spec } of [...topics.getRange({})]) {
      if (spec.retentionMs < 0) continue;
      const old = Array.from({ length: spec.partitions }, (_, partition) => outdated(topic, partition, spec.retentionMs)).flat();
      if (old.length > 0) await environment.transaction(() => old.forEach((key) => void segments.remove(key)));
    }
  };
  // a failed removal is retried at the next sweep
  const sweeper = setInterval(() => void sweep().catch(() => undefined), options.sweepEveryMs ?? 60_000);
  sweeper.unref();

  const partitions = (topic: string): number => topics.get(topic)?.partitions ?? 0;
  const log: EventLog & LocalLog = {
    ensureTopics: async (specs) => {
      refuseShrinking(specs, partitions);
      // a start without changes writes nothing, so that it succeeds on a full disk
      const changed = specs.filter((spec) => !isDeepStrictEqual(topics.get(spec.topic), { ...spec }));
      if (changed.length === 0) return;
      await environment.transaction(() => {
        for (const spec of changed) void topics.put(spec.topic, spec);
      });
    },
    existing: async (names) => existingOf(names, partitions),
    append: (records) => write(records),
    assertRoom: environment.room.assertRoom,
    writable: environment.room.writable,
    write,
    partitions,
    committed,
    read,
    changed: (topic, timeoutMs, abort) => signal.wait(topic, timeoutMs, abort),
    consume: async (consume) => {
      const group: [string, string] = [consume.topic, consume.group];
      if (!groups.get(group)) await environment.transaction(() => void groups.put(group, true));
      unwatch ??= watchEnds({ root, ends, onGrowth: signal.raise });
      const consumption = consumeLocally(log, consume, clock);
      stops.push(consumption.stop);
      return consumption;
    },
    lag: async (group, topic) => lagLocally(log, endOf, group, topic),
    waited: async (group, topic) => waitedLocally(log, clock, group, topic),
    scan: async (topic, limit, sinceMs = 0) => scanLocally(log, topic, limit, sinceMs),
    close: () => {
      closing ??= (async () => {
        clearInterval(sweeper);
        unsubscribe?.();
        unwatch?.();
        await Promise.all(stops.map((stop) => stop()));
        closed = true; // set before waiting for the last writes, so that no write follows them
        await draining;
      })();
      return closing;
    },
  };
  return log;
};
