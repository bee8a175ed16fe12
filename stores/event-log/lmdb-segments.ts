import type { Database, RootDatabase } from "lmdb";
import type { LogRecord } from "./event-log.js";
import { decodeSegment, type EncodedSegment, segmentLength, segmentTimestampMs } from "./record-segment.js";

export type SegmentKey = [topic: string, partition: number, baseOffset: number];

/** The records of an LMDB log: segments of limited size, at least one per append and partition, and the end of each partition. */
export interface LmdbSegments {
  /** Offset after the last record of each partition. */
  readonly ends: Database<number, [topic: string, partition: number]>;
  endOf(topic: string, partition: number): number;
  /** Adds segments at the end of the partition. Call inside a transaction. */
  append(topic: string, partition: number, added: readonly EncodedSegment[]): void;
  /** Records starting at `offset`, at most `limit`, and fewer if they are large. */
  read(topic: string, partition: number, offset: number, limit: number): LogRecord[];
  /** The oldest segments whose records all precede `endOffset`, appended at `untilMs` or earlier; a limited number. */
  outdated(topic: string, partition: number, endOffset: number, untilMs: number): SegmentKey[];
  /** Call inside a transaction. */
  remove(key: SegmentKey): void;
}

/** A read that finds this many bytes ends, whatever its limit: one record may have megabytes. */
const mostReadBytes = 16 * 1_048_576;
/** Most segments of a partition that `outdated` returns: one transaction removes them, and others wait for it. */
export const sweepSegments = 500;

export const openLmdbSegments = (root: RootDatabase): LmdbSegments => {
  const segments: Database<Buffer, SegmentKey> = root.openDB("log-segments", { encoding: "binary" });
  const ends: LmdbSegments["ends"] = root.openDB("log-ends", {});
  const endOf = (topic: string, partition: number): number => ends.get([topic, partition]) ?? 0;

  /** Base offset of the segment that contains the offset. */
  const baseOf = (topic: string, partition: number, offset: number): number => {
    if (segments.doesExist([topic, partition, offset])) return offset;
    const [entry] = [...segments.getKeys({ start: [topic, partition, offset], end: [topic, partition, -1], reverse: true, limit: 1 })];
    return entry?.[0] === topic && entry[1] === partition ? entry[2] : offset;
  };
  return {
    ends,
    endOf,
    append: (topic, partition, added) => {
      let end = endOf(topic, partition);
      for (const { count, segment } of added) {
        void segments.put([topic, partition, end], segment);
        end += count;
      }
      void ends.put([topic, partition], end);
    },
    read: (topic, partition, offset, limit) => {
      const found: LogRecord[] = [];
      let bytes = 0;
      const start: SegmentKey = [topic, partition, baseOf(topic, partition, offset)];
      for (const { key, value } of segments.getRange({ start, end: [topic, partition, Number.MAX_SAFE_INTEGER] })) {
        for (const record of decodeSegment(value, topic, partition, key[2])) {
          if (record.offset >= offset && found.length < limit) found.push(record);
        }
        bytes += value.length;
        if (found.length >= limit || bytes >= mostReadBytes) break;
      }
      return found;
    },
    outdated: (topic, partition, endOffset, untilMs) => {
      const old: SegmentKey[] = [];
      for (const { key, value } of segments.getRange({
        start: [topic, partition, 0],
        end: [topic, partition, endOffset],
        limit: sweepSegments,
      })) {
        if (key[2] + segmentLength(value) > endOffset || segmentTimestampMs(value) > untilMs) break;
        old.push(key);
      }
      return old;
    },
    remove: (key) => void segments.remove(key),
  };
};
