import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { open, type RootDatabase } from "lmdb";
import { CarillonError } from "../schemas/errors.js";

/** One LMDB environment holds log, cache, timers, claims and lineage: what is synced later includes what came earlier. */
export interface LmdbEnvironment {
  readonly root: RootDatabase;
  /** Of the file. */
  readonly path: string;
  /** Resolves when all that was written before is on disk. */
  synced(): Promise<void>;
  close(): Promise<void>;
}

/** How the file is opened, by every thread and process. */
export const lmdbOptions = { maxDbs: 64, keyEncoding: "ordered-binary", noSubdir: true } as const;

export const openEnvironment = (folder: string): LmdbEnvironment => {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, "carillon.mdb");
  const root = open({ ...lmdbOptions, path });
  return {
    root,
    path,
    synced: async () => {
      await root.flushed;
    },
    close: async () => {
      await root.flushed;
      await root.close();
    },
  };
};

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
};

/** Makes this process the only one that runs the topology on the folder. Throws DATA_DIR_LOCKED. Returns how to let go. */
export const lockFolder = (folder: string): (() => void) => {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, "running.pid");
  const tryOnce = (): boolean => {
    try {
      const file = openSync(path, "wx");
      writeSync(file, String(process.pid));
      closeSync(file);
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      return false;
    }
  };
  if (!tryOnce()) {
    const owner = Number(readFileSync(path, "utf8"));
    if (owner > 0 && owner !== process.pid && isAlive(owner)) {
      throw new CarillonError("DATA_DIR_LOCKED", `process ${owner} already runs on ${folder}`, {
        fix: "stop it, or give this one another CARILLON_DATA_DIR",
      });
    }
    rmSync(path, { force: true });
    tryOnce();
  }
  return () => rmSync(path, { force: true });
};
