import { createCipheriv, randomBytes, randomUUID } from "node:crypto";
import { mkdir, open, unlink } from "node:fs/promises";
import { join } from "node:path";
import { CarillonError } from "../schemas/errors.js";
import { privateFileMode } from "../stores/private-files.js";
import { linesOf } from "../wire/lines.js";

/** Texts that are written first and read afterwards, in a file. */
export interface Spool {
  /** Adds one line. Rejects INPUT_INVALID beyond the bound. */
  write(line: string): Promise<void>;
  /** All lines, in their order. */
  read(): AsyncGenerator<string>;
  /** Idempotent. */
  close(): Promise<void>;
}

export interface SpoolOptions {
  readonly folder: string;
  readonly mostBytes: number;
}

const algorithm = "aes-256-ctr";
const pieceBytes = 262_144;

/**
 * Opens a spool. Its file has no name once it is open, so that it disappears with the process, and its bytes are encrypted with a key that
 * only this process has: users' addresses do not remain on the disk.
 */
export const openSpool = async ({ folder, mostBytes }: SpoolOptions): Promise<Spool> => {
  await mkdir(folder, { recursive: true });
  const path = join(folder, `.import-${randomUUID()}`);
  const file = await open(path, "wx+", privateFileMode);
  // where an open file keeps its name, it is removed at the end
  const hasName = await unlink(path).then(
    () => false,
    () => true,
  );
  const [key, iv] = [randomBytes(32), randomBytes(16)];
  const cipher = createCipheriv(algorithm, key, iv);
  let [bytes, mostLineBytes] = [0, 0];
  let closing: Promise<void> | undefined;
  async function* pieces(): AsyncGenerator<Buffer> {
    const decipher = createCipheriv(algorithm, key, iv);
    for (let position = 0; position < bytes; ) {
      const { bytesRead, buffer } = await file.read(Buffer.alloc(pieceBytes), 0, pieceBytes, position);
      if (bytesRead === 0) throw new CarillonError("UNAVAILABLE", "the list of a running import was lost", { fix: "import it again" });
      position += bytesRead;
      yield decipher.update(buffer.subarray(0, bytesRead));
    }
  }
  return {
    write: async (line) => {
      const text = Buffer.from(`${line}\n`);
      if (bytes + text.length > mostBytes)
        throw new CarillonError("INPUT_INVALID", `a list to be stored whole or not at all has at most ${mostBytes} bytes`, {
          fix: "divide the list, or let faulty lines be skipped",
        });
      await file.writeFile(cipher.update(text));
      [bytes, mostLineBytes] = [bytes + text.length, Math.max(mostLineBytes, text.length)];
    },
    read: async function* () {
      for await (const line of linesOf(pieces(), mostLineBytes)) if (line) yield line.toString();
    },
    close: () => {
      closing ??= file.close().then(() => (hasName ? unlink(path) : undefined));
      return closing;
    },
  };
};
