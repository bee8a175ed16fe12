import { existsSync } from "node:fs";
import type { Config } from "../../config/schema.js";
import { isAsLeft, isUsedByAnother, noteAsLeft } from "../../stores/clean-mark.js";
import { checkStoreFile, storePath } from "../../stores/lmdb-file.js";
import { type WalkOptions, walkStore } from "../../stores/lmdb-walk.js";
import { closeToOthers } from "../../stores/store-lock.js";

/**
 * Rejects STORE_DAMAGED where the embedded store would end the process by a signal. All pages are walked over, unless the store is
 * as the last process left it or a process runs on it.
 */
export const checkStore = async ({ dataDir, embedded }: Pick<Config, "dataDir" | "embedded">, options: WalkOptions = {}): Promise<void> => {
  checkStoreFile(dataDir);
  const path = storePath(dataDir);
  const skips = embedded.check === "never" || (embedded.check === "unclean" && isAsLeft(dataDir));
  if (skips || !existsSync(path) || isUsedByAnother(dataDir)) return;
  const reopen = closeToOthers(dataDir);
  if (!reopen) return; // a command has it open: it checked the store before, and pages change while they would be walked over
  reopen();
  await walkStore(path, options);
  noteAsLeft(dataDir);
};
