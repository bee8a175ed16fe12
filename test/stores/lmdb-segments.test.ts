import { expect, it } from "vitest";
import { createLmdbLog } from "../../stores/event-log/lmdb-log.js";
import { openLmdbSegments } from "../../stores/event-log/lmdb-segments.js";
import { encodeSegments } from "../../stores/event-log/record-segment.js";
import { createVirtualClock } from "../../stores/virtual-clock.js";
import { eventually } from "../support/eventually.js";
import { scratchEnvironment } from "../support/scratch-environment.js";

const environment = scratchEnvironment();

const recordsOf = (count: number, bytes = 8) =>
  Array.from({ length: count }, (_, index) => ({ topic: "t", key: "k", value: Buffer.alloc(bytes, index % 251) }));

const segmentCount = (): number => {
  const keys = environment().root.openDB("log-segments", { encoding: "binary" }).getKeys({});
  return [...keys].length;
};

it.each([
  { count: 2_000, bytes: 8 },
  { count: 20, bytes: 300_000 },
  { count: 2, bytes: 3_000_000 },
])("an append of $count records of $bytes bytes becomes segments of limited size, with every offset once", async ({ count, bytes }) => {
  const log = createLmdbLog(environment(), createVirtualClock());
  await log.ensureTopics([{ topic: "t", partitions: 1, retentionMs: -1 }]);
  const records = recordsOf(count, bytes);
  await log.append(records);
  await log.append(records.slice(0, 1));
  expect(segmentCount()).toBeGreaterThan(Math.max(count / 250, Math.min(count, (count * bytes) / 1_048_576)));
  const found = Array.from({ length: 7 }, (_, page) => log.read("t", 0, Math.ceil(((count + 1) * page) / 7), Math.ceil((count + 1) / 7)));
  const byOffset = new Map(found.flat().map((record) => [record.offset, record]));
  expect(byOffset.size).toBe(count + 1);
  for (const [offset, { value }] of byOffset) expect(value?.[0]).toBe(offset === count ? 0 : offset % 251);
  await log.close();
});

it("a segment of an earlier version, of any size, stays readable", async () => {
  const parts = encodeSegments(recordsOf(2_000), 1);
  const count = Buffer.alloc(4);
  count.writeUInt32BE(2_000);
  const segment = Buffer.concat([count, ...parts.map((part) => part.segment.subarray(4))]);
  const segments = openLmdbSegments(environment().root);
  await environment().transaction(() => segments.append("t", 0, [{ count: 2_000, segment }]));
  expect(segments.endOf("t", 0)).toBe(2_000);
  expect(segments.read("t", 0, 1_990, 500).map(({ offset }) => offset)).toEqual([
    1990, 1991, 1992, 1993, 1994, 1995, 1996, 1997, 1998, 1999,
  ]);
});

it("removes all segments that have passed their retention in one sweep, however many there are", async () => {
  const clock = createVirtualClock();
  const everyMs = 1_500;
  const log = createLmdbLog(environment(), clock, { sweepEveryMs: everyMs });
  await log.ensureTopics([{ topic: "t", partitions: 2, retentionMs: 1_000 }]);
  const segments = openLmdbSegments(environment().root);
  const count = 6_000;
  await environment().transaction(() => {
    for (const partition of [0, 1])
      for (let index = 0; index < count; index += 1) segments.append("t", partition, encodeSegments(recordsOf(1), clock.now()));
  });
  clock.advance(2_000);
  await log.append(recordsOf(1));
  await eventually(segmentCount, (left) => left < 2 * count);
  // one transaction an interval would take 18 s
  await eventually(segmentCount, (left) => left === 1, 12_000);
  await log.close();
});
