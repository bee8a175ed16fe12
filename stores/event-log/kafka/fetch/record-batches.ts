import { crc32c } from "@platformatic/kafka";
import { messageOf } from "../../../../schemas/errors.js";
import { decompress } from "./decompress.js";
import { plausibleMs, type ReadRecord, readRecords } from "./record-reader.js";

/** A batch of a partition, including the parts of a damaged batch that could be read. */
export interface FetchedBatch {
  readonly firstOffset: number;
  readonly lastOffset: number;
  readonly producerId: bigint;
  readonly isTransactional: boolean;
  /** Whether the batch is a transaction marker. */
  readonly isControl: boolean;
  /** An unreadable batch becomes one record with the batch's bytes and the reason. */
  readonly records: readonly ReadRecord[];
}

export interface FetchOptions {
  /** Largest decompressed batch, in bytes. */
  readonly maxBatchBytes: number;
  readonly nowMs: number;
}

/** Byte offsets of a batch's fields: https://kafka.apache.org/documentation/#recordbatch. */
const place = {
  length: 8,
  magic: 16,
  checksum: 17,
  attributes: 21,
  lastOffsetDelta: 23,
  firstTimestamp: 27,
  maxTimestamp: 35,
  producerId: 43,
  count: 57,
  records: 61,
} as const;
const lengthEnd = 12;
const [codecMask, isAppendTime, isTransactional, isControl] = [0b111, 0b1000, 0b10000, 0b100000];
const currentMagic = 2;

const unreadable = (
  batch: Buffer,
  firstOffset: number,
  lastOffset: number,
  timestampMs: bigint,
  nowMs: number,
  why: string,
): ReadRecord => ({
  offset: lastOffset,
  key: null,
  value: batch,
  headers: {},
  timestampMs: plausibleMs(timestampMs, nowMs),
  unreadable: { firstOffset, why },
});

/** A batch in an old format or with a damaged header: only its offset is reliable. */
const strange = (batch: Buffer, why: string, nowMs: number): FetchedBatch => {
  const offset = Number(batch.readBigInt64BE(0));
  const records = [unreadable(batch, offset, offset, -1n, nowMs, why)];
  return { firstOffset: offset, lastOffset: offset, producerId: -1n, isTransactional: false, isControl: false, records };
};

const readBatch = (batch: Buffer, { maxBatchBytes, nowMs }: FetchOptions): FetchedBatch => {
  const magic = batch.length > place.magic ? batch.readInt8(place.magic) : undefined;
  if (magic !== currentMagic) return strange(batch, `their format has the magic byte ${magic ?? "of none"}, not ${currentMagic}`, nowMs);
  if (batch.length < place.records) return strange(batch, "the header of their batch is cut off", nowMs);
  const firstOffset = Number(batch.readBigInt64BE(0));
  const attributes = batch.readInt16BE(place.attributes);
  const count = batch.readInt32BE(place.count);
  const isIntact = crc32c(batch.subarray(place.attributes)) === batch.readUInt32BE(place.checksum);
  const lastOffsetDelta = batch.readInt32BE(place.lastOffsetDelta);
  // a damaged header may name any offset: the smaller of its two values never skips a readable record
  const lastOffset = firstOffset + Math.max(0, isIntact ? lastOffsetDelta : Math.min(lastOffsetDelta, count - 1));
  const maxTimestamp = batch.readBigInt64BE(place.maxTimestamp);
  const known = {
    firstOffset,
    lastOffset,
    producerId: batch.readBigInt64BE(place.producerId),
    isTransactional: (attributes & isTransactional) !== 0,
    isControl: (attributes & isControl) !== 0,
  };
  try {
    if (!isIntact) throw new Error("their checksum does not match");
    const records = readRecords(decompress(attributes & codecMask, batch.subarray(place.records), maxBatchBytes), {
      count,
      firstOffset,
      firstTimestampMs: batch.readBigInt64BE(place.firstTimestamp),
      appendedAtMs: attributes & isAppendTime ? maxTimestamp : undefined,
      nowMs,
    });
    return { ...known, records };
  } catch (error) {
    const records = [unreadable(batch, firstOffset, lastOffset, maxTimestamp, nowMs, messageOf(error))];
    // a damaged batch cannot be identified as a marker, so it is never treated as one
    return { ...known, isTransactional: isIntact && known.isTransactional, isControl: isIntact && known.isControl, records };
  }
};

/** The batches that a broker returned for one partition. The last may be cut off and is then fetched again. Never throws. */
export const readBatches = (bytes: Buffer, options: FetchOptions): FetchedBatch[] => {
  const batches: FetchedBatch[] = [];
  for (let at = 0; at + lengthEnd <= bytes.length; ) {
    const length = bytes.readInt32BE(at + place.length);
    if (length < 0) {
      batches.push(strange(bytes.subarray(at), "the length of their batch is negative", options.nowMs));
      return batches;
    }
    const end = at + lengthEnd + length;
    if (end > bytes.length) return batches;
    batches.push(readBatch(bytes.subarray(at, end), options));
    at = end;
  }
  return batches;
};
