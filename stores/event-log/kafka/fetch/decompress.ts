import zlib from "node:zlib";
import { Decompress } from "fzstd";
import lz4 from "lz4-napi";
import snappy from "snappyjs";

/** Decompresses the records of one batch. Throws when they are damaged or longer than `mostBytes`. */
type Decompressor = (bytes: Buffer, mostBytes: number) => Buffer;

const tooLarge = (mostBytes: number): Error => new Error(`they hold more than ${mostBytes} bytes once decompressed`);

const gunzip: Decompressor = (bytes, mostBytes) => {
  try {
    return zlib.gunzipSync(bytes, { maxOutputLength: mostBytes });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE") throw tooLarge(mostBytes);
    throw error;
  }
};

/** The framing of snappy-java (xerial): a magic, two versions, then blocks that each follow their length. */
const xerialMagic = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0]);
const xerialHeaderBytes = 16;

const unsnap: Decompressor = (bytes, mostBytes) => {
  if (!bytes.subarray(0, xerialMagic.length).equals(xerialMagic)) return snappy.uncompress(bytes, mostBytes);
  const blocks: Buffer[] = [];
  let size = 0;
  for (let at = xerialHeaderBytes; at < bytes.length; ) {
    const length = bytes.readInt32BE(at);
    at += 4;
    if (length < 0 || at + length > bytes.length) throw new Error("a Snappy block ends beyond the batch");
    const block = snappy.uncompress(bytes.subarray(at, at + length), mostBytes - size);
    blocks.push(block);
    size += block.length;
    at += length;
  }
  return Buffer.concat(blocks, size);
};

const lz4Magic = 0x184d2204;
/** Largest block size in bytes, by its code in the frame header. */
const lz4BlockBytes: Readonly<Record<number, number>> = { 4: 65_536, 5: 262_144, 6: 1_048_576, 7: 4_194_304 };
const [lz4HasBlockChecksum, lz4HasContentSize, lz4HasDictionary] = [0x10, 0x08, 0x01];
const lz4IsUncompressed = 0x80000000;

/** Upper bound of an LZ4 frame's content, calculated from its block headers. The content size that the frame states is not trusted. */
const lz4Bound = (frame: Buffer): number => {
  if (frame.readUInt32LE(0) !== lz4Magic) throw new Error("they do not begin with an LZ4 frame");
  const flags = frame.readUInt8(4);
  const blockBytes = lz4BlockBytes[(frame.readUInt8(5) >> 4) & 7];
  if (blockBytes === undefined) throw new Error("the LZ4 frame names an unknown block size");
  let at = 7 + (flags & lz4HasContentSize ? 8 : 0) + (flags & lz4HasDictionary ? 4 : 0);
  let full = 0;
  for (;;) {
    const header = frame.readUInt32LE(at);
    if (header === 0) return full;
    const length = (header & ~lz4IsUncompressed) >>> 0;
    // LZ4 compresses a block by a factor of at most 255
    full += Math.min(blockBytes, header & lz4IsUncompressed ? length : length * 255);
    at += 4 + length + (flags & lz4HasBlockChecksum ? 4 : 0);
  }
};

const unlz4: Decompressor = (bytes, mostBytes) => {
  if (lz4Bound(bytes) > mostBytes) throw tooLarge(mostBytes);
  return lz4.decompressFrameSync(bytes);
};

/** Node.js includes Zstandard from 22.15. */
const { zstdDecompressSync } = zlib as { zstdDecompressSync?: (bytes: Buffer, options: { maxOutputLength: number }) => Buffer };

const zstdMagic = 0xfd2fb528;

/** Window size of a Zstandard frame. The decoder allocates it before it validates anything. */
const zstdWindowBytes = (frame: Buffer): number => {
  if (frame.readUInt32LE(0) !== zstdMagic) return 0;
  const descriptor = frame.readUInt8(4);
  if (!(descriptor & 0x20)) {
    const window = frame.readUInt8(5);
    const base = 2 ** (10 + (window >> 3));
    return base + (base / 8) * (window & 7);
  }
  const at = 5 + ([0, 1, 2, 4][descriptor & 3] ?? 0);
  const sizes = [() => frame.readUInt8(at), () => frame.readUInt16LE(at) + 256, () => frame.readUInt32LE(at)];
  return sizes[descriptor >> 6]?.() ?? Number(frame.readBigUInt64LE(at));
};

const mostZstdWindowBytes = 134_217_728;

/** Zstandard in JavaScript, for Node.js versions without it. */
export const unzstdInJavaScript: Decompressor = (bytes, mostBytes) => {
  if (zstdWindowBytes(bytes) > Math.max(mostZstdWindowBytes, mostBytes)) throw tooLarge(mostBytes);
  const parts: Uint8Array[] = [];
  let size = 0;
  let whole = false;
  const decompress = new Decompress((part, final) => {
    size += part.length;
    if (size > mostBytes) throw tooLarge(mostBytes);
    parts.push(part);
    whole ||= final === true;
  });
  decompress.push(bytes, true);
  if (!whole) throw new Error("the Zstandard frame is cut off");
  return Buffer.concat(parts, size);
};

const unzstd: Decompressor = (bytes, mostBytes) => {
  if (!zstdDecompressSync) return unzstdInJavaScript(bytes, mostBytes);
  try {
    return zstdDecompressSync(bytes, { maxOutputLength: mostBytes });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE") throw tooLarge(mostBytes);
    throw error;
  }
};

/** By the codec number in a batch's attributes: https://kafka.apache.org/documentation/#recordbatch. */
const decompressors: Readonly<Record<number, Decompressor>> = { 0: (bytes) => bytes, 1: gunzip, 2: unsnap, 3: unlz4, 4: unzstd };

/** Decompresses the records of a batch. Throws for an unknown codec, damaged bytes, or more than `mostBytes`. */
export const decompress = (codec: number, bytes: Buffer, mostBytes: number): Buffer => {
  const decompressor = decompressors[codec];
  if (!decompressor) throw new Error(`they are compressed by an unknown codec (${codec})`);
  return decompressor(bytes, mostBytes);
};
