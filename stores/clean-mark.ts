import { readFileSync, statSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { holderOf } from "./folder-lock.js";
import { storePath } from "./lmdb-file.js";
import { privateFileMode } from "./private-files.js";

/** Notes the store as it was left, so that a start need not walk over what nothing has touched since. */

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

/** Called with the store closed, or walked over. While another process runs on the folder there is nothing to note. */
export const noteAsLeft = (folder: string): void => {
  const stamp = stampOf(folder);
  if (stamp === undefined || isUsedByAnother(folder)) return;
  try {
    writeFileSync(markPath(folder), stamp, { mode: privateFileMode });
  } catch {
    // without it the next start walks over the store
  }
};
