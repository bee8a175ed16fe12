import type { Clock } from "../clock.js";
import type { LmdbEnvironment } from "../lmdb-environment.js";
import type { SegmentKey } from "./lmdb-segments.js";
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
  const sweep = async (): Promise<void> => {
    for (const { key: topic, value: spec } of [...topics.getRange({})]) {
      if (spec.retentionMs < 0) continue;
      const old = Array.from({ length: spec.partitions }, (_, partition) => outdated(topic, partition, spec.retentionMs)).flat();
      if (old.length > 0) await environment.transaction(() => old.forEach(segments.remove));
    }
  };
  // a failed removal is retried at the next sweep
  const sweeper = setInterval(() => void sweep().catch(() => undefined), everyMs);
  sweeper.unref();
  return () => clearInterval(sweeper);
};
