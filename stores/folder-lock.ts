import { closeSync, ftruncateSync, openSync, readFileSync, writeFileSync, writeSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { tryLock, unlock } from "fs-native-extensions";
import { CarillonError, messageOf } from "../schemas/errors.js";
import { makeDataFolder, makeFilePrivate, privateFileMode } from "./private-files.js";
import { holdStore, isStoreHeld } from "./store-lock.js";

/** The process that runs on a folder, by its own description. */
export interface Holder {
  readonly host: string;
  readonly pid: number;
  readonly startedAt: string;
  /** Where it listens, once it does. */
  readonly address?: ServerAddress;
}

/** Where the process that runs on a folder listens. */
export interface ServerAddress {
  readonly url: string;
  /** Its answers to GET /healthz name the same run, which no other server can know. */
  readonly run: string;
}

/** Windows denies reading a locked range, so there the lock covers a range behind the text. macOS supports only locks of whole files. */
const [offset, length] = process.platform === "win32" ? [2 ** 30, 1] : [0, 0];

const pathOf = (folder: string): string => join(folder, "running.lock");

const isHolder = (value: unknown): value is Holder =>
  typeof value === "object" && value !== null && "host" in value && "pid" in value && "startedAt" in value;

const readHolder = (folder: string): Holder | undefined => {
  try {
    const found: unknown = JSON.parse(readFileSync(pathOf(folder), "utf8"));
    return isHolder(found) ? found : undefined;
  } catch {
    return undefined;
  }
};

const describe = (holder: Holder | undefined): string =>
  holder ? `process ${holder.pid} on ${holder.host}, started at ${holder.startedAt},` : "another process";

/** A process that only checks whether the folder is in use holds the lock for a moment. */
const [tries, pauseMs] = [10, 30];

const fixOf = (error: unknown): string =>
  error instanceof Error && "code" in error && error.code === "EROFS"
    ? "its file system is read-only: make it writable, or set another CARILLON_DATA_DIR"
    : "it must be a file that this account can write: move the existing entry, or set another CARILLON_DATA_DIR";

const openLock = (folder: string): number => {
  try {
    return openSync(pathOf(folder), "a+", privateFileMode);
  } catch (error) {
    throw new CarillonError("STORE_DAMAGED", `the lock file ${pathOf(folder)} cannot be opened: ${messageOf(error)}`, {
      cause: error,
      fix: fixOf(error),
    });
  }
};

/**
 * Makes this process the only one that runs the topology on the folder. The lock belongs to the operating system: it ends with the process,
 * however that ends, and is visible across containers that share the folder. Rejects DATA_DIR_LOCKED. Resolves with a function that
 * releases the lock.
 */
export const lockFolder = async (folder: string): Promise<() => void> => {
  makeDataFolder(folder);
  const file = openLock(folder);
  makeFilePrivate(pathOf(folder));
  for (let left = tries; !tryLock(file, offset, length); left -= 1) {
    if (left > 0) await sleep(pauseMs);
    else {
      const holder = readHolder(folder);
      closeSync(file);
      throw new CarillonError("DATA_DIR_LOCKED", `${describe(holder)} already runs on ${folder}`, {
        fix: "stop it, or set another CARILLON_DATA_DIR for this process",
      });
    }
  }
  try {
    holdStore(folder)(); // fails if held by a process whose lock file was removed, or that opened the store through a link
  } catch (error) {
    closeSync(file);
    throw error;
  }
  const self: Holder = { host: hostname(), pid: process.pid, startedAt: new Date().toISOString() };
  try {
    ftruncateSync(file, 0);
    writeSync(file, `${JSON.stringify(self)}\n`);
  } catch {
    // on a full disk the holder's description is missing; the lock itself needs no space
  }
  let held = true;
  return () => {
    if (!held) return;
    held = false;
    unlock(file, offset, length);
    closeSync(file); // the file stays: removing it could remove a successor's lock
  };
};

/** Notes where this process, which holds the folder's lock, listens. */
export const noteAddress = (folder: string, address: ServerAddress): void => {
  const holder = readHolder(folder);
  if (!holder) return;
  try {
    writeFileSync(pathOf(folder), `${JSON.stringify({ ...holder, address })}\n`);
  } catch {
    // on a full disk commands open the stores instead
  }
};

/** The process that currently runs on the folder, if any. */
export const holderOf = (folder: string): Holder | "unknown" | undefined => {
  let file: number;
  try {
    file = openSync(pathOf(folder), "r");
  } catch {
    return isStoreHeld(folder) ? "unknown" : undefined;
  }
  try {
    if (!tryLock(file, offset, length, { shared: true })) return readHolder(folder) ?? "unknown";
    unlock(file, offset, length);
    return isStoreHeld(folder) ? "unknown" : undefined;
  } finally {
    closeSync(file);
  }
};

/** Where the process that runs on the folder listens; undefined where none does, or it runs on another host. */
export const serverAt = (folder: string): ServerAddress | undefined => {
  const holder = holderOf(folder);
  return holder === undefined || holder === "unknown" || holder.host !== hostname() ? undefined : holder.address;
};
