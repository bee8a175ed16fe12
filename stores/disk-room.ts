import { closeSync, fsyncSync, openSync, rmSync, statfsSync, writeSync } from "node:fs";
import { join } from "node:path";
import { CarillonError, messageOf } from "../schemas/errors.js";
import { privateFileMode } from "./private-files.js";

/**
 * ok: there is room. reserve: nothing new is accepted, accepted messages go on.
 * full: nothing can be written, so nothing goes on until there is room again.
 */
export type DiskCondition = "ok" | "reserve" | "full";

export interface DiskState {
  readonly folder: string;
  readonly condition: DiskCondition;
  readonly freeBytes: number;
  readonly reserveBytes: number;
  /** Why a write failed, in the system's words. */
  readonly failure: string | undefined;
}

/** The room on the file system of a folder. Whoever writes there asks it before, and reports what failed. */
export interface DiskRoom {
  state(): DiskState;
  /** Throws DISK_FULL once the reserve is reached: asked before anything new is accepted. */
  assertRoom(): void;
  /** Resolves when writing is possible, or when the signal aborts. */
  writable(signal?: AbortSignal): Promise<void>;
  /** Takes note of a write that failed. Returns what to throw: DISK_FULL, or UNAVAILABLE where the disk has room. */
  failed(what: string, error: unknown): CarillonError;
  /** Called with each change of condition. Returns how to stop that. */
  onChange(told: (state: DiskState) => void): () => void;
  close(): void;
}

export interface DiskRoomOptions {
  readonly folder: string;
  /** null: the smaller of 128 MiB and a tenth of the file system. */
  readonly reserveBytes: number | null;
}

const mebibyte = 1_048_576;
const presetReserve = 128 * mebibyte;
/** Below this share of the reserve the stages pause, before a write can fail half-way. */
const stageShare = 4;
const [lookEveryMs, stateMaxAgeMs, waitStepMs] = [500, 100, 50];
const probeBytes = 256 * 1_024;

/** What the system reports where there is no room: full, over quota, read-only, too large for it, or LMDB's full map. */
const fullCodes = new Set<string | number>(["ENOSPC", "EDQUOT", "EROFS", "EFBIG", 28, 122, 30, 27, -30792, -30788]);

const codeOf = (error: unknown): string | number | undefined =>
  typeof error === "object" && error !== null && "code" in error ? (error.code as string | number) : undefined;

/** Whether an error says that there is no room where it was written to. */
export const isDiskFull = (error: unknown): boolean => {
  const code = codeOf(error);
  return (code !== undefined && fullCodes.has(code)) || /MDB_MAP_FULL|No space left on device|Disk quota exceeded/i.test(messageOf(error));
};

/** LMDB reports a write for which there was too little room as an input/output error. */
const isCutShort = (error: unknown): boolean => codeOf(error) === 5 || codeOf(error) === "EIO";
const cutShort = ({ condition }: DiskState): Error | undefined => (condition === "ok" ? undefined : new Error("a write was cut short"));

const inMebibytes = (bytes: number): string => `${(bytes / mebibyte).toFixed(1)} MiB`;

/** Writes and removes a small file: quotas and read-only file systems show themselves only so. */
const probe = (folder: string): unknown => {
  const path = join(folder, `.room-${process.pid}`);
  try {
    const file = openSync(path, "w", privateFileMode);
    try {
      const bytes = Buffer.alloc(probeBytes);
      for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    return undefined;
  } catch (error) {
    return error;
  } finally {
    rmSync(path, { force: true });
  }
};

const measure = (folder: string, asked: number | null): { readonly freeBytes: number; readonly reserveBytes: number } => {
  const { bavail, blocks, bsize } = statfsSync(folder);
  return { freeBytes: bavail * bsize, reserveBytes: asked ?? Math.min(presetReserve, Math.floor((blocks * bsize) / 10)) };
};

export const createDiskRoom = ({ folder, reserveBytes: asked }: DiskRoomOptions): DiskRoom => {
  let failure: string | undefined;
  let last: { readonly state: DiskState; readonly atMs: number } | undefined;
  let closed = false;
  const listeners = new Set<(state: DiskState) => void>();

  const look = (): DiskState => {
    const { freeBytes, reserveBytes } = measure(folder, asked);
    const full = failure !== undefined || freeBytes < reserveBytes / stageShare;
    const condition = full ? "full" : freeBytes < reserveBytes ? "reserve" : "ok";
    const state: DiskState = { folder, condition, freeBytes, reserveBytes, failure };
    const changed = (last?.state.condition ?? "ok") !== condition;
    last = { state, atMs: performance.now() };
    if (changed) for (const told of listeners) told(state);
    return state;
  };
  const state = (): DiskState => (last && performance.now() - last.atMs < stateMaxAgeMs ? last.state : look());
  /** A failure is over once a file can be written again. */
  const recover = (): void => {
    if (failure === undefined) return;
    const error = probe(folder);
    failure = error === undefined ? undefined : messageOf(error);
  };
  const looker = setInterval(() => {
    try {
      recover();
      look();
    } catch (error) {
      failure = messageOf(error);
    }
  }, lookEveryMs);
  looker.unref();

  const diskFull = ({ freeBytes, reserveBytes }: DiskState): CarillonError =>
    new CarillonError(
      "DISK_FULL",
      `disk full: ${folder} has ${inMebibytes(freeBytes)} free, its reserve is ${inMebibytes(reserveBytes)}${failure === undefined ? "" : ` (${failure})`}`,
      { fix: "make room on its file system; Carillon goes on by itself then" },
    );
  return {
    state,
    assertRoom: () => {
      const now = state();
      if (now.condition !== "ok") throw diskFull(now);
    },
    writable: async (signal) => {
      while (!closed && !signal?.aborted && state().condition === "full") {
        await new Promise((resolve) => setTimeout(resolve, waitStepMs));
      }
    },
    failed: (what, error) => {
      if (error instanceof CarillonError) return error;
      const reason = isDiskFull(error) ? error : isCutShort(error) ? (probe(folder) ?? cutShort(look())) : undefined;
      if (reason === undefined) {
        return new CarillonError("UNAVAILABLE", `${what} in ${folder} failed: ${messageOf(error)}`, { cause: error });
      }
      failure = messageOf(reason);
      return diskFull(look());
    },
    onChange: (told) => {
      listeners.add(told);
      return () => void listeners.delete(told);
    },
    close: () => {
      closed = true;
      clearInterval(looker);
    },
  };
};
