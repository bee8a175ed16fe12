import type { LogRecord } from "../../event-log.js";

/** A record without its topic and partition. */
export type ReadRecord = Omit<LogRecord, "topic" | "partition">;

/** Reads integers and bytes from a buffer. Throws when a value would extend beyond its end. */
class ByteReader {
  private at = 0;

  constructor(private readonly bytes: Buffer) {}

  skip(count: number): void {
    this.slice(count);
  }

  slice(count: number): Buffer {
    const end = this.at + count;
    if (count < 0 || end > this.bytes.length) throw new Error("a record ends beyond its batch");
    const slice = this.bytes.subarray(this.at, end);
    this.at = end;
    return slice;
  }

  /** A zigzag-encoded integer of 32 bits. */
  varint(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte();
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return (value >>> 1) ^ -(value & 1);
    }
    throw new Error("an integer is longer than 32 bits");
  }

  /** A zigzag-encoded integer of 64 bits. */
  varlong(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.byte();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return (value >> 1n) ^ -(value & 1n);
    }
    throw new Error("an integer is longer than 64 bits");
  }

  /** Bytes with a length prefix; null if the length is negative. */
  nullable(): Buffer | null {
    const length = this.varint();
    return length < 0 ? null : this.slice(length);
  }

  private byte(): number {
    const byte = this.bytes[this.at];
    if (byte === undefined) throw new Error("a record ends beyond its batch");
    this.at += 1;
    return byte;
  }
}

/** The latest instant of a JavaScript Date, and the latest that Carillon calculates with. */
const lastInstantMs = 8_640_000_000_000_000;

/** The record's timestamp, or the current time if the producer set none or an impossible one. */
export const plausibleMs = (timestampMs: bigint, nowMs: number): number =>
  timestampMs >= 0n && timestampMs <= BigInt(lastInstantMs) ? Number(timestampMs) : nowMs;

/** Omits null values. The last of several headers with the same name wins, as in Kafka's own `lastHeader`. */
const headersOf = (reader: ByteReader): Record<string, Buffer> => {
  const count = reader.varint();
  if (count < 0) throw new Error("a record has a negative number of headers");
  if (count === 0) return {};
  const headers = new Map<string, Buffer>();
  for (let index = 0; index < count; index += 1) {
    const name = reader.nullable()?.toString() ?? "";
    const value = reader.nullable();
    if (value) headers.set(name, value);
    else headers.delete(name);
  }
  return Object.fromEntries(headers);
};

export interface RecordsOptions {
  readonly count: number;
  readonly firstOffset: number;
  readonly firstTimestampMs: bigint;
  /** Set when the broker overrides all timestamps with its own. */
  readonly appendedAtMs: bigint | undefined;
  readonly nowMs: number;
}

/** The decompressed records of a batch: https://kafka.apache.org/documentation/#record. Throws when they are damaged. */
export const readRecords = (bytes: Buffer, options: RecordsOptions): ReadRecord[] => {
  const { count, firstOffset, firstTimestampMs, appendedAtMs, nowMs } = options;
  const batch = new ByteReader(bytes);
  const records: ReadRecord[] = [];
  for (let index = 0; index < count; index += 1) {
    const reader = new ByteReader(batch.slice(batch.varint()));
    reader.skip(1); // attributes, currently unused by Kafka
    const timestampDelta = reader.varlong();
    const offset = firstOffset + reader.varint();
    const key = reader.nullable();
    const value = reader.nullable();
    const headers = headersOf(reader);
    records.push({ offset, key, value, headers, timestampMs: plausibleMs(appendedAtMs ?? firstTimestampMs + timestampDelta, nowMs) });
  }
  return records;
};
