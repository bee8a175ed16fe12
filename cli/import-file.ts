import { createReadStream, statSync } from "node:fs";
import { pipeline, Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { CarillonError, messageOf } from "../schemas/errors.js";
import { withHead } from "../wire/with-head.js";

/** An input file: from a disk, a pipe or standard input. */
export interface ImportFile {
  /** Name in errors. */
  readonly name: string;
  /** The first bytes, uncompressed. */
  readonly head: Buffer;
  /** All bytes, uncompressed. Can be read once. */
  readonly chunks: AsyncIterable<Buffer>;
  /** Number of bytes read from the file so far, before decompression. */
  readBytes(): number;
}

const gzip = Buffer.from([0x1f, 0x8b]);

/** First bytes of formats that must be unpacked before they contain messages. Source: the formats' specifications. */
const packed: readonly (readonly [signature: Buffer, name: string, fix: string])[] = [
  [Buffer.from("PK\x03\x04", "latin1"), "a zip archive or a workbook", "unpack it, or save the workbook as CSV in UTF-8"],
  [Buffer.from([0x28, 0xb5, 0x2f, 0xfd]), "compressed by zstd", "unpack it first: zstd -dc FILE | carillon import -"],
  [Buffer.from("BZh", "latin1"), "compressed by bzip2", "unpack it first: bzip2 -dc FILE | carillon import -"],
  [Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a]), "compressed by xz", "unpack it first: xz -dc FILE | carillon import -"],
  [Buffer.from([0xd0, 0xcf, 0x11, 0xe0]), "a workbook", "save it as CSV in UTF-8"],
];

const beginsWith = (head: Buffer, signature: Buffer): boolean => head.subarray(0, signature.length).equals(signature);

async function* unzipped(name: string, chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  try {
    // the iteration below rejects with the pipeline's error
    yield* pipeline(Readable.from(chunks), createGunzip(), () => undefined) as AsyncIterable<Buffer>;
  } catch (error) {
    throw new CarillonError("INPUT_INVALID", `${name} cannot be decompressed: ${messageOf(error)}`, {
      cause: error,
      fix: "check the file: gzip -t FILE",
    });
  }
}

/** Opens a file, or standard input for `-`. Throws CONFIG_INVALID for a file that cannot contain messages. */
export const openImportFile = async (path: string): Promise<ImportFile> => {
  const name = path === "-" ? "standard input" : path;
  let read = 0;
  async function* raw(): AsyncGenerator<Buffer> {
    for await (const chunk of (path === "-" ? process.stdin : createReadStream(path)) as AsyncIterable<Buffer>) {
      read += chunk.length;
      yield chunk;
    }
  }
  const onDisk = await withHead(raw()).catch((error: unknown) => {
    throw new CarillonError("INPUT_INVALID", `${name} cannot be read: ${messageOf(error)}`, {
      cause: error,
      fix: "give a file of messages, or - for standard input",
    });
  });
  const unfit = packed.find(([signature]) => beginsWith(onDisk.head, signature));
  if (unfit) throw new CarillonError("INPUT_INVALID", `${name} is ${unfit[1]}`, { fix: unfit[2] });
  const { head, chunks } = beginsWith(onDisk.head, gzip) ? await withHead(unzipped(name, onDisk.chunks)) : onDisk;
  return { name, head, chunks, readBytes: () => read };
};

/** The size of a file in bytes; undefined if unknown, as for a pipe. */
export const sizeOfFile = (path: string): number | undefined => {
  const found = path === "-" ? undefined : statSync(path, { throwIfNoEntry: false });
  return found?.isFile() ? found.size : undefined;
};
