import { tmpdir } from "node:os";
import type { ImportOptions } from "../../directory/import-list.js";
import { createLmdbDirectory } from "../../stores/directory/lmdb-directory.js";
import { createMemoryDirectory } from "../../stores/directory/memory-directory.js";
import { openEnvironment } from "../../stores/lmdb-environment.js";
import { createLmdbSubscriptions } from "../../stores/subscriptions/lmdb-subscriptions.js";
import { createMemorySubscriptions } from "../../stores/subscriptions/memory-subscriptions.js";
import { createVirtualClock } from "../../stores/virtual-clock.js";
import { scratchFolder } from "../support/scratch.js";

export const options: ImportOptions = { spool: { folder: tmpdir(), mostBytes: 10_000_000 } };

/** Stores in memory. */
export const memoryStores = () => {
  const clock = createVirtualClock();
  return { directory: createMemoryDirectory(clock), subscriptions: createMemorySubscriptions(clock) };
};

/** Embedded stores, for lists that are too long for stores in memory. */
export const embeddedStores = () => {
  const [clock, folder] = [createVirtualClock(), scratchFolder()];
  const environment = openEnvironment(folder.path);
  return {
    directory: createLmdbDirectory(environment, clock),
    subscriptions: createLmdbSubscriptions(environment, clock),
    close: async (): Promise<void> => {
      await environment.close();
      folder.remove();
    },
  };
};

/** An upload in pieces of a few bytes, so that lines and characters are cut anywhere. Fails after the last piece if an error is given. */
export async function* uploadOf(content: string | Uint8Array, { pieceBytes = 7, error }: { pieceBytes?: number; error?: Error } = {}) {
  const bytes = Buffer.from(content);
  for (let from = 0; from < bytes.length; from += pieceBytes) yield bytes.subarray(from, from + pieceBytes);
  if (error) throw error;
}

export const lines = (...items: readonly unknown[]): string => items.map((item) => `${JSON.stringify(item)}\n`).join("");

/** Everything that an iterable of bytes yields, as text. */
export const textOf = async (chunks: AsyncIterable<Uint8Array>): Promise<string> => {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return Buffer.concat(all).toString();
};
