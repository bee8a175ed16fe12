import { closeSync, existsSync, fsyncSync, linkSync, lstatSync, openSync, renameSync, rmSync, statSync } from "node:fs";
import { open } from "node:fs/promises";
import { dirname, join } from "node:path";
import { CarillonError, messageOf } from "../schemas/errors.js";
import { openEnvironment } from "./lmdb-environment.js";
import { storePath } from "./lmdb-file.js";
import { type StoreWalk, walkStore } from "./lmdb-walk.js";
import { makeFilePrivate, makePrivateFolder, privateFileMode } from "./private-files.js";

/** Called with the number of bytes copied so far and the total. */
export type OnBytes = (done: number, total: number) => void;

const lookEveryMs = 100;
const chunkBytes = 4 * 1_048_576;

const refuseExisting = (path: string): void => {
  // a link counts as existing, even a dangling one: otherwise the backup would replace the link instead of following it
  if (lstatSync(path, { throwIfNoEntry: false }))
    throw new CarillonError("INPUT_INVALID", `${path} exists already`, { fix: "choose another file, or move the existing one" });
};

const syncPath = (path: string): void => {
  const file = openSync(path, "r");
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
};

/** Publishes a finished file under its final name atomically. */
const settleFile = (partial: string, path: string): void => {
  syncPath(partial);
  renameSync(partial, path);
  if (process.platform !== "win32") syncPath(dirname(path)); // Windows cannot open folders
};

/**
 * Copies a consistent snapshot of the store into a file while other processes read and write it, then walks the copy. Omits unused pages.
 */
export const backUpStore = async (folder: string, to: string, onBytes: OnBytes): Promise<StoreWalk & { readonly bytes: number }> => {
  refuseExisting(to);
  if (!existsSync(storePath(folder)))
    throw new CarillonError("NOT_FOUND", `${folder} has no store`, { fix: "check dataDir or CARILLON_DATA_DIR" });
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
          fix: "check the free space at its destination",
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

/** A damaged backup says nothing about the store, which stays as it is. */
const walkBackup = async (path: string): Promise<void> => {
  try {
    await walkStore(path);
  } catch (error) {
    throw error instanceof CarillonError && error.code === "STORE_DAMAGED"
      ? new CarillonError("STORE_DAMAGED", error.message.replace("the embedded store", "the backup"), {
          cause: error,
          fix: "use another backup; nothing was changed",
        })
      : error;
  }
};

/** Gives the store a second name, so that its own name always exists. On a file system without hard links the store is moved instead. */
const keepAside = (path: string, aside: string): void => {
  try {
    linkSync(path, aside);
  } catch {
    renameSync(path, aside);
  }
};

/**
 * Walks every page of a backup, then makes it the folder's store. The caller holds the folder's lock and keeps other processes from opening
 * the store. With `replace` an existing store is moved aside. Resolves with its new path.
 */
export const restoreStore = async (folder: string, from: string, replace: boolean, onBytes: OnBytes): Promise<string | undefined> => {
  if (!existsSync(from)) throw new CarillonError("NOT_FOUND", `the backup ${from} does not exist`);
  await walkBackup(from);
  const path = storePath(folder);
  const partial = join(folder, "restore.partial");
  const had = existsSync(path);
  if (had && !replace) {
    throw new CarillonError("INPUT_INVALID", `${folder} already has a store`, {
      fix: "set another CARILLON_DATA_DIR, or use --replace, which keeps the old store under another name",
    });
  }
  makePrivateFolder(folder);
  try {
    await copyFile(from, partial, onBytes).catch((error: unknown) => {
      throw new CarillonError("UNAVAILABLE", `the backup cannot be copied into ${folder}: ${messageOf(error)}`, {
        cause: error,
        fix: "check the free space; the store is unchanged",
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
