import { open, rename, stat, truncate } from "node:fs/promises";
import { join } from "node:path";
import type { Channel, Content } from "../schemas/generated.js";
import { makeFilePrivate, makePrivateFolder, privateFileMode } from "../stores/private-files.js";

/** A value in JSON form: bytes become base64 text. */
type InJson<Value> = Value extends Buffer
  ? string
  : Value extends readonly (infer One)[]
    ? readonly InJson<One>[]
    : Value extends object
      ? { readonly [Key in keyof Value]: InJson<Value[Key]> }
      : Value;

/** A message delivered by the sandbox. */
export interface OutboxEntry {
  readonly deliveredAt: string;
  readonly channel: Channel;
  /** The message's tenant. Entries from earlier versions have none and are visible only to operators. */
  readonly tenant?: string;
  readonly messageId: string;
  readonly attempt: number;
  readonly to: string;
  readonly from: string | null;
  /** As sent; the bytes of files in base64. */
  readonly content: InJson<Content>;
}

/** Where the sandbox delivers to: one file per channel, one line per message. */
export interface Outbox {
  /** Resolves when the line is in the file. */
  deliver(entry: OutboxEntry): Promise<void>;
  /** The latest messages first, of one tenant or of all. */
  latest(channel: Channel, limit: number, tenant?: string): Promise<readonly OutboxEntry[]>;
}

const rotateBytes = 64 * 1024 * 1024;
const tailBytes = 4 * 1024 * 1024;

/** A line that a crash cut off is not a message. */
const parseLine = (line: string): OutboxEntry[] => {
  try {
    return [JSON.parse(line) as OutboxEntry];
  } catch {
    return [];
  }
};

/** Writes all or nothing: a partial line on a full disk would corrupt the next one. */
const appendLines = async (path: string, text: string, size: number): Promise<void> => {
  const file = await open(path, "a", privateFileMode);
  try {
    await file.appendFile(text);
  } catch (error) {
    await truncate(path, size).catch(() => undefined);
    throw error;
  } finally {
    await file.close();
  }
  makeFilePrivate(path);
};

/** `onFailure` records a failed write and returns the error to throw. */
export const createOutbox = (dataDir: string, onFailure: (error: unknown) => unknown = (error) => error): Outbox => {
  const folder = join(dataDir, "outbox");
  const fileOf = (channel: Channel): string => join(folder, `${channel}.ndjson`);
  const waiting = new Map<Channel, { readonly lines: string[]; written: Promise<void> }>();

  const write = async (channel: Channel, lines: readonly string[]): Promise<void> => {
    makePrivateFolder(folder);
    const file = fileOf(channel);
    const size = await stat(file).then(
      (found) => found.size,
      () => 0,
    );
    if (size > rotateBytes) await rename(file, `${file}.old`);
    await appendLines(file, lines.join(""), size > rotateBytes ? 0 : size);
  };

  return {
    deliver: (entry) => {
      const line = `${JSON.stringify(entry)}\n`;
      const held = waiting.get(entry.channel);
      if (held) {
        held.lines.push(line);
        return held.written;
      }
      const lines = [line];
      const written = new Promise((resolve) => setImmediate(resolve)).then(() => {
        waiting.delete(entry.channel);
        return write(entry.channel, lines).catch((error: unknown) => {
          throw onFailure(error);
        });
      });
      waiting.set(entry.channel, { lines, written });
      return written;
    },
    latest: async (channel, limit, tenant) => {
      const file = await open(fileOf(channel), "r").catch(() => undefined);
      if (!file) return [];
      try {
        const { size } = await file.stat();
        const length = Math.min(size, tailBytes);
        const { buffer } = await file.read(Buffer.alloc(length), 0, length, size - length);
        const lines = buffer
          .toString("utf8")
          .split("\n")
          .filter((line) => line !== "");
        if (length < size) lines.shift(); // the first line may be incomplete
        const found: OutboxEntry[] = [];
        for (const entry of lines.reverse().flatMap(parseLine)) {
          if (tenant === undefined || entry.tenant === tenant) found.push(entry);
          if (found.length >= limit) break;
        }
        return found;
      } finally {
        await file.close();
      }
    },
  };
};
