import { gzipSync } from "node:zlib";
import fc from "fast-check";
import lz4 from "lz4-napi";
import { describe, expect, it } from "vitest";
import { unzstdInJavaScript } from "../../stores/event-log/kafka/fetch/decompress.js";
import { readBatches } from "../../stores/event-log/kafka/fetch/record-batches.js";
import { parameters } from "../properties/property.js";
import { batchOf, foreignCodecs, storedZstd } from "../support/record-batch.js";

const nowMs = 1_800_000_000_000;
const maxBatchBytes = 1_048_576;
const read = (bytes: Buffer) => readBatches(bytes, { maxBatchBytes, nowMs });
const bytes = (text: string): Buffer => Buffer.from(text);

describe("batches of foreign producers", () => {
  const texts = ["a", "b".repeat(5_000), ""];
  it.each(Object.entries(foreignCodecs))("are read from %s", (_name, [codec, compress]) => {
    const batch = batchOf(
      texts.map((text) => ({ key: bytes("k"), value: bytes(text) })),
      { codec, compress, firstOffset: 40 },
    );
    const [found] = read(batch);
    expect(found).toMatchObject({ firstOffset: 40, lastOffset: 42 });
    expect(found?.records.map(({ offset, value }) => [offset, value?.toString()])).toEqual(texts.map((text, index) => [40 + index, text]));
  });

  it("hold null, empty, repeated and huge headers, of which the last one that has a value counts", () => {
    const huge = Buffer.alloc(300_000, 7);
    const headers = [
      ["none", null],
      ["empty", bytes("")],
      ["twice", bytes("first")],
      ["twice", bytes("last")],
      ["taken back", bytes("once")],
      ["taken back", null],
      ["huge", huge],
      [null, bytes("without a name")],
      ["__proto__", bytes("plain")],
    ] as const;
    const [found] = read(batchOf([{ value: bytes("v"), headers }]));
    const [record] = found?.records ?? [];
    expect(Object.entries(record?.headers ?? {}).map(([name, value]) => [name, value.toString("latin1")])).toEqual([
      ["empty", ""],
      ["twice", "last"],
      ["huge", huge.toString("latin1")],
      ["", "without a name"],
      ["__proto__", "plain"],
    ]);
  });

  it("hold null keys and values, empty ones, and keys that are no text", () => {
    const key = Buffer.from([0xff, 0xfe, 0]);
    const [found] = read(batchOf([{}, { key, value: Buffer.alloc(0) }]));
    expect(found?.records.map((record) => [record.key, record.value])).toEqual([
      [null, null],
      [key, Buffer.alloc(0)],
    ]);
  });

  it.each([
    ["none", -1n, nowMs],
    ["one beyond all calendars", 2n ** 62n, nowMs],
    ["one of the year 1", -62_135_596_800_000n, nowMs],
    ["a usual one", 1_700_000_000_123n, 1_700_000_000_123],
  ])("count as from now when their time is impossible: %s", (_what, firstTimestampMs, expected) => {
    expect(read(batchOf([{ value: bytes("v") }], { firstTimestampMs }))[0]?.records[0]?.timestampMs).toBe(expected);
  });

  it("have the broker's time where the topic says so", () => {
    const options = { attributes: 0b1000, firstTimestampMs: 5n, maxTimestampMs: 1_700_000_000_999n };
    expect(read(batchOf([{ value: bytes("v") }], options))[0]?.records[0]?.timestampMs).toBe(1_700_000_000_999);
  });

  it("are read one after another, but for the last one where it is cut off", () => {
    const two = Buffer.concat([batchOf([{}], { firstOffset: 1 }), batchOf([{}, {}], { firstOffset: 2 })]);
    expect(read(two).map(({ lastOffset }) => lastOffset)).toEqual([1, 3]);
    expect(read(two.subarray(0, two.length - 1)).map(({ lastOffset }) => lastOffset)).toEqual([1]);
  });
});

describe("a batch that cannot be read", () => {
  const records = [{ value: bytes("one") }, { value: bytes("two") }];
  const good = batchOf(records, { firstOffset: 9 });
  const bomb = Buffer.alloc(4 * maxBatchBytes);
  const oldFormat = Buffer.from(good);
  oldFormat.writeInt8(1, 16);
  const damaged = Buffer.from(good);
  damaged.writeUInt8(damaged.readUInt8(70) ^ 1, 70);
  it.each([
    ["an unknown codec", batchOf(records, { codec: 5, firstOffset: 9 }), /unknown codec \(5\)/],
    ["a checksum that does not match", damaged, /checksum/],
    ["damaged gzip", batchOf(records, { codec: 1, firstOffset: 9 }), /incorrect header/],
    ["damaged Snappy", batchOf(records, { codec: 2, compress: () => Buffer.alloc(9, 0xff), firstOffset: 9 }), /Snappy/],
    ["damaged LZ4", batchOf(records, { codec: 3, firstOffset: 9 }), /LZ4/],
    [
      "LZ4 without an end",
      batchOf(records, { codec: 3, compress: (all) => lz4.compressFrameSync(all).subarray(0, -6), firstOffset: 9 }),
      /./,
    ],
    ["damaged Zstandard", batchOf(records, { codec: 4, firstOffset: 9 }), /./],
    ["Zstandard without an end", batchOf(records, { codec: 4, compress: (all) => storedZstd(all).subarray(0, -4), firstOffset: 9 }), /./],
    ["too much gzip", batchOf(records, { codec: 1, compress: () => gzipSync(bomb), firstOffset: 9 }), /more than 1048576 bytes/],
    [
      "too much LZ4",
      batchOf(records, { codec: 3, compress: () => lz4.compressFrameSync(bomb), firstOffset: 9 }),
      /more than 1048576 bytes/,
    ],
    [
      "too much Snappy",
      batchOf(records, { codec: 2, compress: foreignCodecs["raw Snappy"][1].bind(null, bomb), firstOffset: 9 }),
      /too big/,
    ],
    ["too much Zstandard", batchOf(records, { codec: 4, compress: () => storedZstd(bomb), firstOffset: 9 }), /1048576|larger than/],
    ["fewer records than it says", batchOf(records, { compress: (all) => all.subarray(0, 12), firstOffset: 9 }), /beyond its batch/],
  ])("becomes one record that holds its bytes: %s", (_what, batch, why) => {
    const next = batchOf([{ value: bytes("next") }], { firstOffset: 11 });
    const [bad, after] = read(Buffer.concat([batch, next]));
    expect(bad).toMatchObject({ firstOffset: 9, lastOffset: 10 });
    expect(bad?.records).toHaveLength(1);
    expect(bad?.records[0]).toMatchObject({ offset: 10, key: null, unreadable: { firstOffset: 9 } });
    expect(bad?.records[0]?.value?.equals(batch)).toBe(true);
    expect(bad?.records[0]?.unreadable?.why).toMatch(why);
    expect(after?.records[0]?.value?.toString()).toBe("next");
  });

  it("of an old format is kept as well", () => {
    expect(read(oldFormat)[0]?.records[0]).toMatchObject({
      offset: 9,
      value: oldFormat,
      unreadable: { why: expect.stringContaining("magic byte 1") },
    });
  });

  it("never skips offsets that its damaged header names", () => {
    const far = Buffer.from(good);
    far.writeInt32BE(1_000_000, 23);
    expect(read(far)[0]).toMatchObject({ firstOffset: 9, lastOffset: 10 });
  });

  it("never ends the reading, whatever bytes come", () => {
    const codecs = Object.values(foreignCodecs);
    const batch = fc.tuple(fc.integer({ min: 0, max: codecs.length - 1 }), fc.uint8Array({ maxLength: 200 })).map(([index, value]) => {
      const [codec, compress] = codecs[index] ?? foreignCodecs.none;
      return batchOf([{ value: Buffer.from(value), headers: [["h", null]] }, {}], { codec, compress });
    });
    const flips = fc.array(fc.tuple(fc.nat(400), fc.integer({ min: 1, max: 255 })), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(batch, flips, (whole, changes) => {
        const changed = Buffer.from(whole);
        for (const [at, mask] of changes) changed[at % changed.length] = (changed[at % changed.length] ?? 0) ^ mask;
        for (const { firstOffset, lastOffset, records } of read(changed)) {
          expect(lastOffset).toBeGreaterThanOrEqual(firstOffset);
          for (const { timestampMs } of records) expect(Number.isSafeInteger(timestampMs)).toBe(true);
        }
      }),
      parameters,
    );
  });
});

describe("Zstandard on a Node.js that has none", () => {
  it("reads several frames, and no more than it may", () => {
    const frames = Buffer.concat([storedZstd(bytes("first ")), storedZstd(bytes("second"))]);
    expect(unzstdInJavaScript(frames, 100).toString()).toBe("first second");
    expect(() => unzstdInJavaScript(frames, 8)).toThrow("more than 8 bytes");
  });
  it("refuses a frame that wants more memory than it may fill", () => {
    const frame = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xff, 0, 0, 0]);
    expect(() => unzstdInJavaScript(frame, 1_000_000)).toThrow("more than");
  });
});
