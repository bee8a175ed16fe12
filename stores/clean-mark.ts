import { readFileSync, statSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { holderOf } from "./folder-lock.js";
import { storePath } from "./lmdb-file.js";
import { privateFileMode } from "./private-files.js";

/** Records the state of the store file, so that the next start need not walk an unchanged store. */

const markPath = (folder: string): string => join(folder, "carillon.clean");

const stampOf = (folder: string): string | undefined => {
  const found = statSync(storePath(folder), { throwIfNoEntry: false });
  return found && JSON.stringify({ size: found.size, mtimeMs: found.mtimeMs });
};

/** Whether another process runs on the folder. */
export const isUsedByAnother = (folder: string): boolean => {
  const holder = holderOf(folder);
  return holder === "unknown" || (holder !== undefined && (holder.pid !== process.pid || holder.host !== hostname()));
};

export const isAsLeft = (folder: string): boolean => {
  try {
    return readFileSync(markPath(folder), "utf8") === stampOf(folder);
  } catch {
    return false;
  }
};

/** Call after closing or walking the store. Does nothing while another process runs on the folder. */
export const noteAsLeft = (folder: string): void => {
  const stamp = stampOf(folder);
  if (stamp === undefined || isUsedByAnother(folder)) return;
  try {
    writeFileSync(markPath(folder), stamp, { mode: privateFileMode });
  } catch {
    // without the mark, the next start walks the store
  }
};
