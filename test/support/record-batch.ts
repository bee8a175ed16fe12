import { gzipSync } from "node:zlib";
import { crc32c } from "@platformatic/kafka";
import lz4 from "lz4-napi";
import snappy from "snappyjs";

/** A record as a foreign producer may write it. */
export interface ForeignRecord {
  readonly key?: Buffer | null;
  readonly value?: Buffer | null;
  readonly headers?: readonly (readonly [name: string | null, value: Buffer | null])[];
  /** Offset from the batch's first time, in milliseconds. */
  readonly timestampDelta?: bigint;
}

export interface ForeignBatch {
  readonly firstOffset?: number;
  readonly codec?: number;
  readonly firstTimestampMs?: bigint;
  /** Replaces the codec's compression of the records. */
  readonly compress?: (records: Buffer) => Buffer;
  readonly attributes?: number;
  readonly maxTimestampMs?: bigint;
}

const varlong = (value: bigint): Buffer => {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n));
  for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  return Buffer.from([...bytes, Number(rest)]);
};
const varint = (value: number): Buffer => varlong(BigInt(value));
const nullable = (bytes: Buffer | null): Buffer => (bytes === null ? varint(-1) : Buffer.concat([varint(bytes.length), bytes]));

const recordOf = ({ key = null, value = null, headers = [], timestampDelta = 0n }: ForeignRecord, offsetDelta: number): Buffer => {
  const body = Buffer.concat([
    Buffer.from([0]),
    varlong(timestampDelta),
    varint(offsetDelta),
    nullable(key),
    nullable(value),
    varint(headers.length),
    ...headers.flatMap(([name, held]) => [nullable(name === null ? null : Buffer.from(name)), nullable(held)]),
  ]);
  return Buffer.concat([varint(body.length), body]);
};

const xerial = (bytes: Buffer): Buffer => {
  const header = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0, 0, 0, 0, 1, 0, 0, 0, 1]);
  const middle = Math.ceil(bytes.length / 2);
  const blocks = [bytes.subarray(0, middle), bytes.subarray(middle)].map((part) => Buffer.from(snappy.compress(part)));
  return Buffer.concat([
    header,
    ...blocks.flatMap((block) => {
      const length = Buffer.alloc(4);
      length.writeInt32BE(block.length);
      return [length, block];
    }),
  ]);
};

/** One Zstandard frame of stored blocks: every decompressor must read it, and no compressor is needed to make it. */
export const storedZstd = (bytes: Buffer): Buffer => {
  const most = 131_072;
  const blocks: Buffer[] = [];
  for (let at = 0; at === 0 || at < bytes.length; at += most) {
    const part = bytes.subarray(at, at + most);
    const header = Buffer.alloc(3);
    header.writeUIntLE((part.length << 3) | (at + most >= bytes.length ? 1 : 0), 0, 3);
    blocks.push(header, part);
  }
  return Buffer.concat([Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x50]), ...blocks]);
};

/** By name: the number in a batch's attributes, and the compression of the records. */
export const foreignCodecs = {
  none: [0, (bytes: Buffer) => bytes],
  gzip: [1, (bytes: Buffer) => gzipSync(bytes)],
  "raw Snappy": [2, (bytes: Buffer) => Buffer.from(snappy.compress(bytes))],
  "Snappy in xerial's framing": [2, xerial],
  LZ4: [3, (bytes: Buffer) => lz4.compressFrameSync(bytes)],
  "LZ4 with checksums": [3, (bytes: Buffer) => lz4.compressFrameSync(bytes, { contentChecksum: true, blockChecksums: true })],
  Zstandard: [4, storedZstd],
} as const satisfies Record<string, readonly [number, (bytes: Buffer) => Buffer]>;

/** A batch in Kafka's current format, as from a producer in another language. */
export const batchOf = (records: readonly ForeignRecord[], options: ForeignBatch = {}): Buffer => {
  const { firstOffset = 0, codec = 0, firstTimestampMs = 1_700_000_000_000n, compress = (bytes) => bytes, attributes = 0 } = options;
  const body = compress(Buffer.concat(records.map(recordOf)));
  const header = Buffer.alloc(61);
  header.writeBigInt64BE(BigInt(firstOffset), 0);
  header.writeInt32BE(49 + body.length, 8);
  header.writeInt8(2, 16);
  header.writeInt16BE(codec | attributes, 21);
  header.writeInt32BE(records.length - 1, 23);
  header.writeBigInt64BE(firstTimestampMs, 27);
  header.writeBigInt64BE(options.maxTimestampMs ?? firstTimestampMs, 35);
  header.writeBigInt64BE(-1n, 43);
  header.writeInt16BE(-1, 51);
  header.writeInt32BE(-1, 53);
  header.writeInt32BE(records.length, 57);
  const batch = Buffer.concat([header, body]);
  batch.writeUInt32BE(crc32c(batch.subarray(21)), 17);
  return batch;
};
