import { existsSync } from "node:fs";
import { open, type RootDatabase } from "lmdb";
import { CarillonError } from "../schemas/errors.js";
import { createDiskRoom, type DiskRoom } from "./disk-room.js";
import { checkStoreFile, storePath } from "./lmdb-file.js";
import { watchMoves } from "./moved-files.js";
import { makeDataFolder, makeFilePrivate } from "./private-files.js";
import { isStoreHeld, shareStore } from "./store-lock.js";

/** One LMDB environment holds log, cache, timers, claims and lineage. */
export interface LmdbEnvironment {
  readonly root: RootDatabase;
  /** Of the file. */
  readonly path: string;
  readonly room: DiskRoom;
  /**
   * Runs `change` in a write transaction, with others that wait: every write goes this way, so that every failed commit has an
   * owner. Resolves with its result once it is on disk, with all that was written before. Rejects DISK_FULL or UNAVAILABLE;
   * nothing of it is kept then.
   */
  transaction<T>(change: () => T): Promise<T>;
  close(): Promise<void>;
}

/**
 * How the file is opened, by every thread and process. Without overlapping syncs a transaction ends once it is on disk or has
 * failed; with them, a wait for the sync of a failed transaction never ends. With batching by turns of the event loop, lmdb keeps
 * a promise of its own for each commit, whose rejection ends the process.
 */
export const lmdbOptions = {
  maxDbs: 64,
  keyEncoding: "ordered-binary",
  noSubdir: true,
  overlappingSync: false,
  eventTurnBatching: false,
} as const;

export interface EnvironmentOptions {
  /** Room that is kept free, in bytes; null: by the size of the file system. */
  readonly reserveBytes?: number | null;
}

/** A commit that takes longer has come to nothing: lmdb leaves some failures without an answer. */
const commitDeadlineMs = 60_000;
const [watchEveryMs, causeWithinMs] = [1_000, 1_000];

/** The cause of a failed commit comes by a promise of its own, which has to be taken care of. */
const causeOf = async (error: unknown): Promise<unknown> => {
  const cause = (error as { readonly commitError?: unknown } | null)?.commitError;
  if (!(cause instanceof Promise)) return error;
  const late = new Promise((resolve) => setTimeout(resolve, causeWithinMs, error).unref());
  return Promise.race([
    cause.then(
      () => error,
      (reason: unknown) => reason,
    ),
    late,
  ]);
};

/** lmdb's errors carry the number that the library or the system gave, or a promise of it. */
const isStoreFailure = (error: unknown): boolean =>
  typeof error === "object" && error !== null && ("commitError" in error || ("code" in error && typeof error.code === "number"));

interface Pending {
  readonly beganMs: number;
  readonly reject: (error: unknown) => void;
}

/** Rejects commits that do not end. */
const watchCommits = () => {
  const pending = new Set<Pending>();
  const watch = setInterval(() => {
    for (const one of pending) {
      if (performance.now() - one.beganMs < commitDeadlineMs) return;
      one.reject(new CarillonError("UNAVAILABLE", `a commit did not end within ${commitDeadlineMs / 1_000} s`));
    }
  }, watchEveryMs);
  watch.unref();
  return {
    within: <T>(work: Promise<T>): Promise<T> =>
      new Promise<T>((resolve, reject) => {
        const one: Pending = { beganMs: performance.now(), reject };
        pending.add(one);
        work.then(resolve, reject).finally(() => pending.delete(one));
      }),
    stop: () => clearInterval(watch),
  };
};

const openRoot = (path: string, room: DiskRoom, endUse: () => void): RootDatabase => {
  try {
    return open({ ...lmdbOptions, path });
  } catch (error) {
    const failed = room.failed("opening the store", error);
    room.close();
    endUse();
    throw failed.code === "DISK_FULL"
      ? failed
      : new CarillonError("STORE_DAMAGED", `the embedded store ${path} cannot be opened: ${failed.message}`, {
          cause: error,
          fix: "see carillon doctor; restore a backup with carillon restore",
        });
  }
};

/** Without LMDB's lock file a second process would write beside the one that runs, and damage the store. */
const assertLockFile = (folder: string): void => {
  const lock = `${storePath(folder)}-lock`;
  if (existsSync(lock) || !isStoreHeld(folder)) return;
  throw new CarillonError("STORE_MOVED", `${lock} is missing though a process runs on the store`, {
    fix: "stop that process, and start it again",
  });
};

/** Opens the store of a folder. Throws STORE_DAMAGED before anything native reads a file that is none. */
export const openEnvironment = (folder: string, { reserveBytes = null }: EnvironmentOptions = {}): LmdbEnvironment => {
  makeDataFolder(folder);
  checkStoreFile(folder);
  assertLockFile(folder);
  const path = storePath(folder);
  const moves = watchMoves();
  const room = createDiskRoom({ folder, reserveBytes, movedFile: moves.movedFile });
  const endUse = shareStore(folder);
  const root = openRoot(path, room, endUse);
  const files = [path, `${path}-lock`];
  for (const file of files) makeFilePrivate(file);
  moves.expect(files);
  const commits = watchCommits();
  let closing: Promise<void> | undefined;
  return {
    root,
    path,
    room,
    transaction: async (change) => {
      if (closing) throw new CarillonError("CLOSED", "the embedded store is closed");
      try {
        return await commits.within(root.transaction(change));
      } catch (error) {
        // what `change` throws itself is its caller's
        throw isStoreFailure(error) ? room.failed("writing the store", await causeOf(error)) : error;
      }
    },
    close: () => {
      closing ??= root.close().finally(() => {
        commits.stop();
        room.close();
        endUse();
      });
      return closing;
    },
  };
};
