import { existsSync } from "node:fs";
import type { Config } from "../../config/schema.js";
import { isAsLeft, isUsedByAnother, noteAsLeft } from "../../stores/clean-mark.js";
import { checkStoreFile, storePath } from "../../stores/lmdb-file.js";
import { type WalkOptions, walkStore } from "../../stores/lmdb-walk.js";
import { closeToOthers } from "../../stores/store-lock.js";

/**
 * Rejects STORE_DAMAGED if the embedded store would end the process with a signal. Walks all pages, unless the store is unchanged since the
 * last process closed it or a process runs on it.
 */
export const checkStore = async ({ dataDir, embedded }: Pick<Config, "dataDir" | "embedded">, options: WalkOptions = {}): Promise<void> => {
  checkStoreFile(dataDir);
  const path = storePath(dataDir);
  const skips = embedded.check === "never" || (embedded.check === "unclean" && isAsLeft(dataDir));
  if (skips || !existsSync(path) || isUsedByAnother(dataDir)) return;
  const reopen = closeToOthers(dataDir);
  if (!reopen) return; // a command has it open: it has checked the store, and pages would change during a walk
  reopen();
  await walkStore(path, options);
  noteAsLeft(dataDir);
};
