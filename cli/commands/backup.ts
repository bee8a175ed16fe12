import { resolve } from "node:path";
import type { Command } from "commander";
import type { Config } from "../../config/schema.js";
import { counted, sizeOf } from "../../schemas/counted.js";
import { CarillonError } from "../../schemas/errors.js";
import { backUpStore, restoreStore } from "../../stores/backup.js";
import { lockFolder } from "../../stores/folder-lock.js";
import { closeToOthers } from "../../stores/store-lock.js";
import { paint } from "../palette.js";
import { createProgress, inMebibytes, say, sayJson } from "../print.js";
import { configOf } from "../session.js";

const embedded = (command: Command): Config => {
  const config = configOf(command);
  if (config.profile !== "embedded") {
    throw new CarillonError("CONFIG_INVALID", "the cluster profile has no embedded store", {
      fix: "back up Kafka, Redis and MongoDB with their own tools",
    });
  }
  return config;
};

const backUp = async (file: string, config: Config, json: boolean): Promise<void> => {
  const progress = createProgress("copied", inMebibytes);
  const to = resolve(file);
  const { bytes, values } = await backUpStore(config.dataDir, to, progress.at);
  progress.end();
  if (json) return sayJson({ file: to, bytes, values });
  say(`${paint.green("✔")} ${to}: ${sizeOf(bytes)}, ${counted(values, "value")}, all pages checked`);
};

interface RestoreOptions {
  readonly replace?: boolean;
  readonly json?: boolean;
}

const restore = async (file: string, config: Config, { replace = false, json = false }: RestoreOptions): Promise<void> => {
  const progress = createProgress("copied", inMebibytes);
  const unlock = await lockFolder(config.dataDir);
  const reopen = closeToOthers(config.dataDir);
  try {
    if (!reopen) {
      throw new CarillonError("DATA_DIR_LOCKED", `another command has the store in ${config.dataDir} open`, {
        fix: "wait until that command ends",
      });
    }
    const aside = await restoreStore(config.dataDir, resolve(file), replace, progress.at);
    progress.end();
    if (json) return sayJson({ dataDir: config.dataDir, previous: aside ?? null });
    say(`${paint.green("✔")} ${config.dataDir} restored from ${file}${aside ? `; the previous store is in ${aside}` : ""}`);
  } finally {
    reopen?.();
    unlock();
  }
};

export const addBackupCommand = (program: Command): void => {
  program
    .command("backup <file>")
    .description("back up the embedded store into a file, also while Carillon runs, and verify the backup")
    .option("--json", "print JSON")
    .action((file: string, { json }: { json?: boolean }, command: Command) => backUp(file, embedded(command), json === true));
};

export const addRestoreCommand = (program: Command): void => {
  program
    .command("restore <file>")
    .description("restore the embedded store from a backup; stop Carillon first")
    .option("--replace", "replace the existing store, which is kept under another name")
    .option("--json", "print JSON")
    .action((file: string, options: RestoreOptions, command: Command) => restore(file, embedded(command), options));
};
