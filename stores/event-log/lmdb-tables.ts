import type { Database, RootDatabase } from "lmdb";
import type { Clock } from "../clock.js";
import type { TopicSpec } from "./event-log.js";
import { type LmdbOffsets, openLmdbOffsets } from "./lmdb-offsets.js";
import { type LmdbSegments, openLmdbSegments } from "./lmdb-segments.js";

/** The tables of an LMDB log. */
export interface LmdbTables {
  readonly topics: Database<TopicSpec, string>;
  readonly segments: LmdbSegments;
  readonly offsets: LmdbOffsets;
  /** Partition count of a topic; 0 if it does not exist. */
  partitions(topic: string): number;
  /** The same for every write: another thread's change is seen a second late, one of this log at once. */
  recentPartitions(topic: string): number;
  /** Call after a topic was created or got more partitions. */
  topicsChanged(): void;
}

const countsLastMs = 1_000;

/** A read from LMDB for each record would cost more than the rest of its placement. */
const createRecentCounts = (read: (topic: string) => number, clock: Clock) => {
  const counts = new Map<string, number>();
  let readAtMs = clock.elapsed();
  return {
    of: (topic: string): number => {
      const nowMs = clock.elapsed();
      if (nowMs - readAtMs >= countsLastMs) {
        counts.clear();
        readAtMs = nowMs;
      }
      const known = counts.get(topic);
      if (known !== undefined) return known;
      const count = read(topic);
      if (count > 0) counts.set(topic, count);
      return count;
    },
    clear: (): void => counts.clear(),
  };
};

export const openLmdbTables = (root: RootDatabase, clock: Clock): LmdbTables => {
  const topics: LmdbTables["topics"] = root.openDB("log-topics", {});
  const partitions = (topic: string): number => topics.get(topic)?.partitions ?? 0;
  const recent = createRecentCounts(partitions, clock);
  return {
    topics,
    segments: openLmdbSegments(root),
    offsets: openLmdbOffsets(root),
    partitions,
    recentPartitions: recent.of,
    topicsChanged: recent.clear,
  };
};
