import type { LogRecord, OutgoingRecord } from "./event-log.js";

/** Records of one partition, encoded as one value. */
export interface EncodedSegment {
  readonly count: number;
  readonly segment: Buffer;
}

/**
 * Most records of a segment, and most bytes unless one record alone has more. A read decodes whole segments, so a longer one would be
 * decoded again for each of its pages.
 */
const mostRecords = 250;
const mostBytes = 1_048_576;

/**
 * The encoding of a segment:
 * count u32, then per record: timestamp f64, key, value, headers (count u16, then name and value of each).
 * A length of 0xffffffff means null.
 */
const nullLength = 0xffffffff;

const bytesOf = (value: Buffer | string | null): Buffer | null => (typeof value === "string" ? Buffer.from(value) : value);

const sized = (value: Buffer | null): number => 4 + (value?.length ?? 0);

const prepare = (record: OutgoingRecord) => {
  const key = bytesOf(record.key);
  const { value } = record;
  const headers = Object.entries(record.headers ?? {}).map(([name, header]) => [Buffer.from(name), bytesOf(header)] as const);
  const size = headers.reduce((sum, [name, header]) => sum + sized(name) + sized(header), 8 + sized(key) + sized(value) + 2);
  return { key, value, headers, size };
};

type Prepared = ReturnType<typeof prepare>;

const encodeSegment = (prepared: readonly Prepared[], timestampMs: number): EncodedSegment => {
  const size = prepared.reduce((sum, record) => sum + record.size, 4);
  const out = Buffer.allocUnsafe(size);
  let at = out.writeUInt32BE(prepared.length, 0);
  const put = (value: Buffer | null): void => {
    at = out.writeUInt32BE(value === null ? nullLength : value.length, at);
    if (value !== null) at += value.copy(out, at);
  };
  for (const { key, value, headers } of prepared) {
    at = out.writeDoubleBE(timestampMs, at);
    put(key);
    put(value);
    at = out.writeUInt16BE(headers.length, at);
    for (const [name, header] of headers) {
      put(name);
      put(header);
    }
  }
  return { count: prepared.length, segment: out };
};

/** Encodes the records that one append adds to one partition, in order. */
export const encodeSegments = (records: readonly OutgoingRecord[], timestampMs: number): EncodedSegment[] => {
  const encoded: EncodedSegment[] = [];
  let prepared: Prepared[] = [];
  let bytes = 0;
  for (const record of records.map(prepare)) {
    if (prepared.length === mostRecords || (prepared.length > 0 && bytes + record.size > mostBytes)) {
      encoded.push(encodeSegment(prepared, timestampMs));
      prepared = [];
      bytes = 0;
    }
    prepared.push(record);
    bytes += record.size;
  }
  if (prepared.length > 0) encoded.push(encodeSegment(prepared, timestampMs));
  return encoded;
};

export const segmentLength = (segment: Buffer): number => segment.readUInt32BE(0);

export const segmentTimestampMs = (segment: Buffer): number => segment.readDoubleBE(4);

/** Reads `segment` without copying, so the caller must not change it. */
export const decodeSegment = (segment: Buffer, topic: string, partition: number, baseOffset: number): LogRecord[] => {
  const records: LogRecord[] = [];
  let at = 4;
  const take = (): Buffer | null => {
    const length = segment.readUInt32BE(at);
    at += 4;
    if (length === nullLength) return null;
    const value = segment.subarray(at, at + length);
    at += length;
    return value;
  };
  for (let index = 0; index < segmentLength(segment); index += 1) {
    const timestampMs = segment.readDoubleBE(at);
    at += 8;
    const key = take();
    const value = take();
    const headers: Record<string, Buffer> = {};
    const count = segment.readUInt16BE(at);
    at += 2;
    for (let header = 0; header < count; header += 1) headers[String(take())] = take() ?? Buffer.alloc(0);
    records.push({ topic, partition, offset: baseOffset + index, key, value, headers, timestampMs });
  }
  return records;
};
