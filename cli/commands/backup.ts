import { resolve } from "node:path";
import type { Command } from "commander";
import type { Config } from "../../config/schema.js";
import { CarillonError } from "../../schemas/errors.js";
import { backUpStore, restoreStore } from "../../stores/backup.js";
import { lockFolder } from "../../stores/folder-lock.js";
import { closeToOthers } from "../../stores/store-lock.js";
import { paint } from "../palette.js";
import { createProgress, say } from "../print.js";
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

const mebibytes = (bytes: number): string => `${(bytes / 1_048_576).toFixed(1)} MiB`;
const inMebibytes = (bytes: number): number => Math.round(bytes / 1_048_576);

const backUp = async (file: string, config: Config): Promise<void> => {
  const progress = createProgress("MiB");
  const to = resolve(file);
  const { bytes, values } = await backUpStore(config.dataDir, to, (done, total) => progress.at(inMebibytes(done), inMebibytes(total)));
  progress.end();
  say(`${paint.green("✔")} ${to}: ${mebibytes(bytes)}, ${values.toLocaleString("en")} values, all pages checked`);
};

const restore = async (file: string, config: Config, replace: boolean): Promise<void> => {
  const progress = createProgress("MiB");
  const unlock = await lockFolder(config.dataDir);
  const reopen = closeToOthers(config.dataDir);
  try {
    if (!reopen) {
      throw new CarillonError("DATA_DIR_LOCKED", `another command has the store in ${config.dataDir} open`, {
        fix: "wait until that command ends",
      });
    }
    const aside = await restoreStore(config.dataDir, resolve(file), replace, (done, total) =>
      progress.at(inMebibytes(done), inMebibytes(total)),
    );
    progress.end();
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
    .action((file: string, _options: unknown, command: Command) => backUp(file, embedded(command)));
};

export const addRestoreCommand = (program: Command): void => {
  program
    .command("restore <file>")
    .description("restore the embedded store from a backup; stop Carillon first")
    .option("--replace", "replace the existing store, which is kept under another name")
    .action((file: string, { replace }: { replace?: boolean }, command: Command) => restore(file, embedded(command), replace ?? false));
};
