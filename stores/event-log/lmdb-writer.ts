import { CarillonError } from "../../schemas/errors.js";
import type { Clock } from "../clock.js";
import type { LmdbEnvironment } from "../lmdb-environment.js";
import type { OutgoingRecord } from "./event-log.js";
import { createGroupCommit, type PendingWrite } from "./group-commit.js";
import type { OffsetCommit } from "./lmdb-offsets.js";
import type { LmdbTables } from "./lmdb-tables.js";
import { logClosed } from "./log-closed.js";
import { partitionOf } from "./partition-of.js";
import { encodeSegments } from "./record-segment.js";
import type { SharedSignal } from "./shared-signal.js";

/** Writes records and offsets of an LMDB log. Pending writes share one transaction and one sync. */
export interface LmdbWriter {
  /** Writes all records and the offset, or nothing. Resolves when they are durable. */
  write(outputs: readonly OutgoingRecord[], offset?: OffsetCommit): Promise<void>;
  /** Rejects further writes. Resolves when the pending ones have ended. */
  close(): Promise<void>;
}

interface Write extends PendingWrite {
  readonly outputs: readonly OutgoingRecord[];
  readonly offset: OffsetCommit | undefined;
}

type ByPartition = Map<string, Map<number, OutgoingRecord[]>>;

/** Assigns records to partitions. Records without a key take turns. */
const createPartitioner = (partitions: (topic: string) => number) => {
  let turn = 0;
  return (outputs: readonly OutgoingRecord[], into: ByPartition): void => {
    for (const output of outputs) {
      const count = partitions(output.topic);
      if (count === 0) throw new CarillonError("NOT_FOUND", `the topic ${output.topic} does not exist`);
      const partition = partitionOf(output.key, count, turn++);
      const ofTopic = into.get(output.topic) ?? new Map<number, OutgoingRecord[]>();
      into.set(output.topic, ofTopic);
      const records = ofTopic.get(partition);
      if (records) records.push(output);
      else ofTopic.set(partition, [output]);
    }
  };
};

const encodeAll = (placed: ByPartition, clock: Clock) =>
  [...placed].flatMap(([topic, partitions]) =>
    [...partitions].map(([partition, records]) => ({
      topic,
      partition,
      added: encodeSegments(records, clock.now()),
    })),
  );

export const createLmdbWriter = (
  { segments, offsets, recentPartitions }: LmdbTables,
  environment: LmdbEnvironment,
  clock: Clock,
  signal: SharedSignal,
): LmdbWriter => {
  const place = createPartitioner(recentPartitions);
  let closed = false;

  const commits = createGroupCommit<Write>(async (writes) => {
    const placed: ByPartition = new Map();
    for (const { outputs } of writes) place(outputs, placed);
    // encoded before the transaction starts: an exception inside it would leave half of the writes behind
    const encoded = encodeAll(placed, clock);
    await environment.transaction(() => {
      for (const { topic, partition, added } of encoded) segments.append(topic, partition, added);
      for (const { offset } of writes) if (offset) offsets.commit(offset);
    });
    signal.raiseEverywhere(placed);
  });
  const refusalOf = (outputs: readonly OutgoingRecord[]): CarillonError | undefined => {
    if (closed) return logClosed();
    for (const { topic } of outputs) {
      if (recentPartitions(topic) === 0)
        return new CarillonError("NOT_FOUND", `the topic ${topic} does not exist`, { fix: "create it with ensureTopics" });
    }
    return undefined;
  };
  return {
    write: (outputs, offset) =>
      new Promise((resolve, reject) => {
        const refusal = refusalOf(outputs);
        if (refusal) reject(refusal);
        else commits.add({ outputs, offset, resolve, reject });
      }),
    close: () => {
      closed = true; // set before waiting for the last writes, so that no write follows them
      return commits.drained();
    },
  };
};
