import { closeSync, existsSync, fsyncSync, linkSync, lstatSync, openSync, renameSync, rmSync, statSync } from "node:fs";
import { open } from "node:fs/promises";
import { dirname, join } from "node:path";
import { CarillonError, messageOf } from "../schemas/errors.js";
import { openEnvironment } from "./lmdb-environment.js";
import { storePath } from "./lmdb-file.js";
import { type StoreWalk, walkStore } from "./lmdb-walk.js";
import { makeFilePrivate, makePrivateFolder, privateFileMode } from "./private-files.js";

/** Called with the bytes that are done, and how many there are in all. */
export type OnBytes = (done: number, total: number) => void;

const lookEveryMs = 100;
const chunkBytes = 4 * 1_048_576;

const refuseExisting = (path: string): void => {
  // a link counts, also one that leads nowhere: the backup would take its place instead of following it
  if (lstatSync(path, { throwIfNoEntry: false }))
    throw new CarillonError("INPUT_INVALID", `${path} exists already`, { fix: "give another file, or move it away" });
};

const syncPath = (path: string): void => {
  const file = openSync(path, "r");
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
};

/** Makes a finished file appear under its name, all of it or nothing. */
const settleFile = (partial: string, path: string): void => {
  syncPath(partial);
  renameSync(partial, path);
  if (process.platform !== "win32") syncPath(dirname(path)); // Windows opens no folders
};

/**
 * Copies the store as it is at one moment into a file, while others read and write it, and walks over the copy. Pages that nothing
 * uses are left out.
 */
export const backUpStore = async (folder: string, to: string, onBytes: OnBytes): Promise<StoreWalk & { readonly bytes: number }> => {
  refuseExisting(to);
  if (!existsSync(storePath(folder)))
    throw new CarillonError("NOT_FOUND", `there is no store in ${folder}`, { fix: "see dataDir, or CARILLON_DATA_DIR" });
  const environment = openEnvironment(folder);
  const partial = `${to}.partial`;
  const total = statSync(environment.path).size;
  const look = setInterval(() => onBytes(statSync(partial, { throwIfNoEntry: false })?.size ?? 0, total), lookEveryMs);
  try {
    makePrivateFolder(dirname(to));
    rmSync(partial, { force: true });
    await environment.root.backup(partial, true);
    makeFilePrivate(partial);
    const walk = await walkStore(partial);
    settleFile(partial, to);
    const { size: bytes } = statSync(to);
    onBytes(bytes, bytes);
    return { ...walk, bytes };
  } catch (error) {
    rmSync(partial, { force: true });
    throw error instanceof CarillonError
      ? error
      : new CarillonError("UNAVAILABLE", `the backup ${to} cannot be written: ${messageOf(error)}`, {
          cause: error,
          fix: "is there room for it?",
        });
  } finally {
    clearInterval(look);
    await environment.close();
  }
};

const copyFile = async (from: string, to: string, onBytes: OnBytes): Promise<void> => {
  const [source, target] = [await open(from, "r"), await open(to, "w", privateFileMode)];
  try {
    const total = (await source.stat()).size;
    const bytes = Buffer.alloc(chunkBytes);
    for (let at = 0; ; ) {
      const { bytesRead } = await source.read(bytes, 0, bytes.length, at);
      if (bytesRead === 0) break;
      await target.writeFile(bytes.subarray(0, bytesRead));
      at += bytesRead;
      onBytes(at, total);
    }
  } finally {
    await source.close();
    await target.close();
  }
};

/** What is wrong with a backup is no fault of the store, which stays as it is. */
const walkBackup = async (path: string): Promise<void> => {
  try {
    await walkStore(path);
  } catch (error) {
    throw error instanceof CarillonError && error.code === "STORE_DAMAGED"
      ? new CarillonError("STORE_DAMAGED", error.message.replace("the embedded store", "the backup"), {
          cause: error,
          fix: "give another backup; nothing was changed",
        })
      : error;
  }
};

/** Gives the store a second name, so that there is one under its own at each moment; a file system without links has it moved. */
const keepAside = (path: string, aside: string): void => {
  try {
    linkSync(path, aside);
  } catch {
    renameSync(path, aside);
  }
};

/**
 * Makes a backup the folder's store, once all of its pages have been walked over. The caller holds the folder's lock and keeps others from opening the store. With `replace`
 * a store that is there is moved aside, and its new path is returned.
 */
export const restoreStore = async (folder: string, from: string, replace: boolean, onBytes: OnBytes): Promise<string | undefined> => {
  if (!existsSync(from)) throw new CarillonError("NOT_FOUND", `there is no backup ${from}`);
  await walkBackup(from);
  const path = storePath(folder);
  const partial = join(folder, "restore.partial");
  const had = existsSync(path);
  if (had && !replace) {
    throw new CarillonError("INPUT_INVALID", `${folder} holds a store already`, {
      fix: "give another CARILLON_DATA_DIR, or --replace: it is moved aside then",
    });
  }
  makePrivateFolder(folder);
  try {
    await copyFile(from, partial, onBytes).catch((error: unknown) => {
      throw new CarillonError("UNAVAILABLE", `the backup cannot be copied into ${folder}: ${messageOf(error)}`, {
        cause: error,
        fix: "is there room for it? The store is as it was",
      });
    });
    await walkStore(partial);
  } catch (error) {
    rmSync(partial, { force: true });
    throw error;
  }
  const aside = `${path}.before-${new Date().toISOString().replace(/\D/g, "").slice(0, 14)}`;
  if (had) keepAside(path, aside);
  rmSync(`${path}-lock`, { force: true });
  settleFile(partial, path);
  return had ? aside : undefined;
};
