import type { Clock } from "../clock.js";
import type { LmdbEnvironment } from "../lmdb-environment.js";
import { createSweeper } from "../sweeper.js";
import { type SegmentKey, sweepSegments } from "./lmdb-segments.js";
import type { LmdbTables } from "./lmdb-tables.js";

/**
 * Regularly removes segments that every group has read and that have passed the retention of their topic. Returns a function that stops
 * it.
 */
export const enforceRetention = (
  { topics, segments, offsets }: LmdbTables,
  environment: LmdbEnvironment,
  clock: Clock,
  everyMs: number,
): (() => void) => {
  const outdated = (topic: string, partition: number, retentionMs: number): SegmentKey[] =>
    segments.outdated(topic, partition, offsets.consumedUpTo(topic, partition), clock.now() - retentionMs);
  /** Removes some of each partition's old segments, in one transaction each. Resolves true if there may be more. */
  const sweep = async (): Promise<boolean> => {
    let hasMore = false;
    for (const { key: topic, value: spec } of [...topics.getRange({})]) {
      for (let partition = 0; partition < spec.partitions && spec.retentionMs >= 0; partition += 1) {
        const old = outdated(topic, partition, spec.retentionMs);
        if (old.length > 0) await environment.transaction(() => old.forEach(segments.remove));
        hasMore ||= old.length === sweepSegments;
      }
    }
    return hasMore;
  };
  return createSweeper(sweep, everyMs);
};
