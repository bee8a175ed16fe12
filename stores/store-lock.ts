import { closeSync, existsSync, openSync } from "node:fs";
import { join } from "node:path";
import { tryLock, unlock } from "fs-native-extensions";
import { CarillonError } from "../schemas/errors.js";
import { storePath } from "./lmdb-file.js";
import { privateFileMode } from "./private-files.js";

/**
 * Locks of the store, in addition to its folder's lock. They end with their process. The first is on the store's own file. It holds even if
 * the folder's lock file is removed, or another folder links to the same file.
 */

/** Windows denies reading a locked range, and does not remove an open file. */
const needsLock = process.platform !== "win32";

/** Takes a lock, or returns undefined if another process holds it. A file that cannot be opened protects nothing, so it blocks nothing. */
const take = (path: string, flags: string, shared: boolean): (() => void) | undefined => {
  let file: number;
  try {
    file = openSync(path, flags, privateFileMode);
  } catch {
    return () => undefined;
  }
  if (!tryLock(file, 0, 0, { shared })) {
    closeSync(file);
    return undefined;
  }
  let held = true;
  return () => {
    if (!held) return;
    held = false;
    unlock(file, 0, 0);
    closeSync(file);
  };
};

/**
 * Makes this process the only one that runs the topology on the store's file. Throws DATA_DIR_LOCKED. Returns a function that releases the
 * lock.
 */
export const holdStore = (folder: string): (() => void) => {
  const release = needsLock ? take(storePath(folder), "r+", false) : () => undefined;
  if (release) return release;
  throw new CarillonError("DATA_DIR_LOCKED", `another process already runs on ${storePath(folder)}`, {
    fix: "stop it; it was started by another path, or running.lock was removed while it runs",
  });
};

/** Whether a process, including this one, runs the topology on the store's file. */
export const isStoreHeld = (folder: string): boolean => {
  if (!needsLock || !existsSync(storePath(folder))) return false;
  const release = take(storePath(folder), "r", true);
  release?.();
  return release === undefined;
};

const openLockPath = (folder: string): string => join(folder, "open.lock");
const [tries, pauseMs] = [10, 20];

/**
 * Records that this process has the store open. Throws DATA_DIR_LOCKED while a backup is being restored. Returns a function that ends it.
 */
export const shareStore = (folder: string): (() => void) => {
  for (let left = tries; left > 0; left -= 1) {
    const release = needsLock ? take(openLockPath(folder), "a+", true) : () => undefined;
    if (release) return release;
    // a process that checks for others holds the lock for a moment
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pauseMs);
  }
  throw new CarillonError("DATA_DIR_LOCKED", `a backup is being restored into ${folder}`, { fix: "wait until the restore has finished" });
};

/** Keeps other processes from opening the store. Returns a function that ends it, or undefined if another process has the store open. */
export const closeToOthers = (folder: string): (() => void) | undefined =>
  needsLock && existsSync(folder) ? take(openLockPath(folder), "a+", false) : () => undefined;
