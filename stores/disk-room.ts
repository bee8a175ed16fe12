import { closeSync, fsyncSync, openSync, rmSync, statfsSync, writeSync } from "node:fs";
import { join } from "node:path";
import { CarillonError, messageOf } from "../schemas/errors.js";
import { privateFileMode } from "./private-files.js";

/**
 * ok: there is enough room.
 * reserve: no new message is accepted, and accepted messages are still delivered. Also reported when the store was moved or no new file can
 * be created.
 * full: nothing can be written, so all work pauses until there is room again.
 */
export type DiskCondition = "ok" | "reserve" | "full";

export interface DiskState {
  readonly folder: string;
  readonly condition: DiskCondition;
  readonly freeBytes: number;
  readonly reserveBytes: number;
  /** Why a write failed, in the operating system's words. */
  readonly failure: string | undefined;
  /** A store file that is no longer at the path where it was opened. */
  readonly moved: string | undefined;
}

/** Free space on the file system of a folder. Writers check it before they write and report failed writes to it. */
export interface DiskRoom {
  state(): DiskState;
  /** Throws DISK_FULL once the reserve is reached, and STORE_MOVED when the store was moved. Called before a new message is accepted. */
  assertRoom(): void;
  /** Resolves when writing is possible, or when the signal aborts. */
  writable(signal?: AbortSignal): Promise<void>;
  /** Records a failed write. Returns the error to throw: DISK_FULL, or UNAVAILABLE if the disk has room. */
  failed(what: string, error: unknown): CarillonError;
  /** Calls the function on each change of condition. Returns a function that unsubscribes it. */
  onChange(told: (state: DiskState) => void): () => void;
  close(): void;
}

export interface DiskRoomOptions {
  readonly folder: string;
  /** null: 128 MiB or a tenth of the file system, whichever is smaller. */
  readonly reserveBytes: number | null;
  /** A store file that was moved, removed or replaced since it was opened. */
  readonly movedFile?: () => string | undefined;
}

const mebibyte = 1_048_576;
const presetReserve = 128 * mebibyte;
/** Below this fraction of the reserve the stages pause, before a write can fail half-way. */
const stageShare = 4;
const [lookEveryMs, stateMaxAgeMs, waitStepMs] = [1_000, 100, 50];
const probeBytes = 256 * 1_024;

/** Error codes for lack of room: disk full, over quota, read-only file system, file too large, and LMDB's full map. */
const fullCodes = new Set<string | number>(["ENOSPC", "EDQUOT", "EROFS", "EFBIG", 28, 122, 30, 27, -30792, -30788]);

const codeOf = (error: unknown): string | number | undefined =>
  typeof error === "object" && error !== null && "code" in error ? (error.code as string | number) : undefined;

/** Whether an error reports a lack of disk space. */
export const isDiskFull = (error: unknown): boolean => {
  const code = codeOf(error);
  return (code !== undefined && fullCodes.has(code)) || /MDB_MAP_FULL|No space left on device|Disk quota exceeded/i.test(messageOf(error));
};

/** LMDB reports a write that ran out of space as an input/output error. */
const isCutShort = (error: unknown): boolean => codeOf(error) === 5 || codeOf(error) === "EIO";
const cutShort = ({ condition }: DiskState): Error | undefined => (condition === "ok" ? undefined : new Error("a write was cut short"));

const inMebibytes = (bytes: number): string => `${(bytes / mebibyte).toFixed(1)} MiB`;

/** Writes and removes a small file: this is the only way to detect quotas and read-only file systems. */
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

const noInodes = "no inodes are left, so no file can be created";

interface Measured extends Pick<DiskState, "freeBytes" | "reserveBytes"> {
  /** Why writes fail regardless of the free space. */
  readonly reason: string | undefined;
}

/** A missing folder counts as having no room: the process continues and reports the problem. */
const measure = (folder: string, asked: number | null): Measured => {
  try {
    const { bavail, blocks, bsize, files, ffree } = statfsSync(folder);
    const reserveBytes = asked ?? Math.min(presetReserve, Math.floor((blocks * bsize) / 10));
    // file systems without a fixed number of inodes report 0 of 0
    return { freeBytes: bavail * bsize, reserveBytes, reason: files > 0 && ffree === 0 ? noInodes : undefined };
  } catch (error) {
    return { freeBytes: 0, reserveBytes: asked ?? 0, reason: messageOf(error) };
  }
};

const conditionOf = ({ freeBytes, reserveBytes, reason }: Measured, failure: string | undefined): DiskCondition => {
  if (failure !== undefined) return "full";
  if (reason !== undefined) return "reserve";
  if (freeBytes < reserveBytes / stageShare) return "full";
  return freeBytes < reserveBytes ? "reserve" : "ok";
};

const diskFull = ({ folder, freeBytes, reserveBytes, failure: reason }: DiskState): CarillonError =>
  new CarillonError(
    "DISK_FULL",
    `disk full: ${folder} has ${inMebibytes(freeBytes)} free, its reserve is ${inMebibytes(reserveBytes)}${reason === undefined ? "" : ` (${reason})`}`,
    { fix: "free space on its file system; Carillon then resumes automatically" },
  );
/** Why no new message is accepted. */
const refusal = (now: DiskState): CarillonError =>
  now.moved === undefined
    ? diskFull(now)
    : new CarillonError("STORE_MOVED", `${now.moved} was moved, removed or replaced while this process was using it`, {
        fix: "move it back; or stop Carillon, restore the right store in the folder, and start Carillon",
        publicWords: "the store was moved: Carillon accepts no new messages until it is restored",
      });

export const createDiskRoom = ({ folder, reserveBytes: asked, movedFile }: DiskRoomOptions): DiskRoom => {
  let failure: string | undefined;
  let last: { readonly state: DiskState; readonly atMs: number } | undefined;
  let closed = false;
  const listeners = new Set<(state: DiskState) => void>();

  const look = (): DiskState => {
    const measured = measure(folder, asked);
    const { freeBytes, reserveBytes, reason } = measured;
    const moved = movedFile?.();
    const condition = moved === undefined ? conditionOf(measured, failure) : "reserve";
    const state: DiskState = { folder, condition, freeBytes, reserveBytes, failure: failure ?? reason, moved };
    const changed = (last?.state.condition ?? "ok") !== condition || last?.state.moved !== moved;
    last = { state, atMs: performance.now() };
    if (changed) for (const told of listeners) told(state);
    return state;
  };
  const state = (): DiskState => (last && performance.now() - last.atMs < stateMaxAgeMs ? last.state : look());
  /** Clears the failure once a file can be written again. */
  const recover = (): void => {
    if (failure === undefined) return;
    const error = probe(folder);
    failure = error === undefined ? undefined : messageOf(error);
  };
  const looker = setInterval(() => {
    recover();
    look();
  }, lookEveryMs);
  looker.unref();

  return {
    state,
    assertRoom: () => {
      const now = state();
      if (now.condition !== "ok") throw refusal(now);
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
