import { existsSync } from "node:fs";
import { open, type RootDatabase } from "lmdb";
import { CarillonError } from "../schemas/errors.js";
import { createDiskRoom, type DiskRoom } from "./disk-room.js";
import { checkStoreFile, storePath } from "./lmdb-file.js";
import { watchMoves } from "./moved-files.js";
import { makeDataFolder, makeFilePrivate } from "./private-files.js";
import { isStoreHeld, shareStore } from "./store-lock.js";

/** One LMDB environment for log, cache, timers, claims and lineage. */
export interface LmdbEnvironment {
  readonly root: RootDatabase;
  /** Path of the file. */
  readonly path: string;
  readonly room: DiskRoom;
  /**
   * Runs `change` in a write transaction together with other pending changes. All writes use this method, so that every failed commit has
   * an owner. Resolves with the result once it is on disk, with all earlier writes. Rejects DISK_FULL or UNAVAILABLE; nothing is stored
   * then.
   */
  transaction<T>(change: () => T): Promise<T>;
  close(): Promise<void>;
}

/**
 * Options for every thread and process that opens the file. Without overlapping syncs a transaction ends once it is on disk or has failed.
 * With them, waiting for the sync of a failed transaction never ends. With batching by event turn, lmdb holds its own promise for each
 * commit, and its rejection ends the process.
 */
export const lmdbOptions = {
  maxDbs: 64,
  keyEncoding: "ordered-binary",
  noSubdir: true,
  overlappingSync: false,
  eventTurnBatching: false,
} as const;

export interface EnvironmentOptions {
  /** Disk space to keep free, in bytes; null: derived from the size of the file system. */
  readonly reserveBytes?: number | null;
}

/** A commit that takes longer has failed: lmdb never settles some failed commits. */
const commitDeadlineMs = 60_000;
const [watchEveryMs, causeWithinMs] = [1_000, 1_000];

/** A failed commit reports its cause through a separate promise, which must be handled. */
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

/** lmdb's errors carry the number from the library or the system, or a promise of it. */
const isStoreFailure = (error: unknown): boolean =>
  typeof error === "object" && error !== null && ("commitError" in error || ("code" in error && typeof error.code === "number"));

interface Pending {
  /** By the time in which this process ran. */
  readonly beganMs: number;
  readonly reject: (error: unknown) => void;
}

/** Rejects commits that never settle. A pause of the process counts as one look: the commit has probably ended meanwhile. */
const watchCommits = () => {
  const pending = new Set<Pending>();
  let [ranMs, lookedMs] = [0, performance.now()];
  let watch: NodeJS.Timeout | undefined;
  const stop = (): void => {
    clearInterval(watch);
    watch = undefined;
  };
  const look = (): void => {
    if (pending.size === 0) {
      stop();
      return;
    }
    const nowMs = performance.now();
    ranMs += Math.min(nowMs - lookedMs, 2 * watchEveryMs);
    lookedMs = nowMs;
    for (const one of pending) {
      if (ranMs - one.beganMs < commitDeadlineMs) return;
      one.reject(new CarillonError("UNAVAILABLE", `a commit did not end within ${commitDeadlineMs / 1_000} s`));
    }
  };
  /** Only while commits are pending: each wake-up costs an idle process. */
  const start = (): void => {
    if (watch) return;
    lookedMs = performance.now();
    watch = setInterval(look, watchEveryMs);
    watch.unref();
  };
  return {
    within: <T>(work: Promise<T>): Promise<T> =>
      new Promise<T>((resolve, reject) => {
        start();
        const one: Pending = { beganMs: ranMs, reject };
        pending.add(one);
        work.then(resolve, reject).finally(() => pending.delete(one));
      }),
    stop,
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

/** Without LMDB's lock file a second process would write concurrently and damage the store. */
const assertLockFile = (folder: string): void => {
  const lock = `${storePath(folder)}-lock`;
  if (existsSync(lock) || !isStoreHeld(folder)) return;
  throw new CarillonError("STORE_MOVED", `${lock} is missing although a process is using the store`, {
    fix: "restart that process",
  });
};

/** Opens the store of a folder. Throws STORE_DAMAGED before native code reads a file that is not a store. */
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
        // an error that `change` throws belongs to its caller
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
