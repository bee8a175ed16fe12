import type { Database, RootDatabase } from "lmdb";
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
}

export const openLmdbTables = (root: RootDatabase): LmdbTables => {
  const topics: LmdbTables["topics"] = root.openDB("log-topics", {});
  return {
    topics,
    segments: openLmdbSegments(root),
    offsets: openLmdbOffsets(root),
    partitions: (topic) => topics.get(topic)?.partitions ?? 0,
  };
};
