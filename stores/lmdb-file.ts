import { accessSync, closeSync, constants, existsSync, fstatSync, openSync, readdirSync, readSync, type Stats, statSync } from "node:fs";
import { join } from "node:path";
import { CarillonError, messageOf } from "../schemas/errors.js";

/**
 * LMDB maps its file into memory and trusts its content: a damaged file ends the process with a signal. So Carillon checks the file's meta
 * pages before LMDB reads them. Source: liblmdb's mdb.c, MDB_page_header and MDB_meta.
 */

export const storePath = (folder: string): string => join(folder, "carillon.mdb");

/** A tree of pages: one of the named databases, the list of free pages, or the tree of names. */
export interface TreeRoot {
  readonly depth: number;
  readonly flags: number;
  readonly root: bigint;
}

export interface StoreMeta {
  readonly pageBytes: number;
  readonly lastPage: bigint;
  readonly transaction: bigint;
  readonly free: TreeRoot;
  readonly main: TreeRoot;
}

export const headerBytes = 24;
export const treeBytes = 48;
const metaBytes = headerBytes + 24 + 2 * treeBytes + 24;
const metaFlag = 0x08;
const magic = 0xbeefc0de;
const [leastPageBytes, mostPageBytes] = [256, 65_536];
/** Means "no page". */
export const noPage = 0xffff_ffff_ffff_ffffn;

const resolution =
  "restore a backup with carillon restore, or move the folder away to start with an empty store (accepted messages are then lost)";

const otherVersion = "start the version of Carillon that wrote it; a backup of an earlier one can be restored with carillon restore";

export const damaged = (path: string, what: string, cause?: unknown, fix = resolution): CarillonError =>
  new CarillonError("STORE_DAMAGED", `the embedded store ${path} ${what}`, { fix, cause });

export const readTree = (bytes: Buffer, at: number): TreeRoot => ({
  flags: bytes.readUInt16LE(at + 4),
  depth: bytes.readUInt16LE(at + 6),
  root: bytes.readBigUInt64LE(at + 40),
});

/** A meta page, or a description of the damage. */
const readMeta = (bytes: Buffer): StoreMeta | string => {
  if (bytes.length < metaBytes) return "ends within its first pages";
  if ((bytes.readUInt16LE(18) & metaFlag) === 0 || bytes.readUInt32LE(headerBytes) !== magic) return "is not a store of Carillon";
  const at = headerBytes + 24;
  const pageBytes = bytes.readUInt32LE(at);
  if (pageBytes < leastPageBytes || pageBytes > mostPageBytes || (pageBytes & (pageBytes - 1)) !== 0) return "has a damaged header";
  return {
    pageBytes,
    free: readTree(bytes, at),
    main: readTree(bytes, at + treeBytes),
    lastPage: bytes.readBigUInt64LE(at + 2 * treeBytes),
    transaction: bytes.readBigUInt64LE(at + 2 * treeBytes + 8),
  };
};

const versionOf = (bytes: Buffer): number => bytes.readUInt32LE(headerBytes + 4) & 0xffff;
/** Versions of the LMDB that Carillon uses. */
const knownVersions = [2];

const readAt = (file: number, at: number, length: number): Buffer => {
  const bytes = Buffer.alloc(length);
  return bytes.subarray(0, readSync(file, bytes, 0, length, at));
};

/** The latest meta page. Throws STORE_DAMAGED. */
export const readStoreMeta = (file: number, path: string): StoreMeta => {
  const firstBytes = readAt(file, 0, metaBytes);
  const first = readMeta(firstBytes);
  if (typeof first === "string") throw damaged(path, first);
  const version = versionOf(firstBytes);
  if (!knownVersions.includes(version))
    throw damaged(path, `has the format ${version}, which this version of Carillon cannot read`, undefined, otherVersion);
  const secondBytes = readAt(file, first.pageBytes, metaBytes);
  const second = readMeta(secondBytes);
  if (typeof second === "string") throw damaged(path, second);
  if (versionOf(secondBytes) !== version || second.pageBytes !== first.pageBytes) throw damaged(path, "has a damaged header");
  const meta = second.transaction > first.transaction ? second : first;
  // a concurrent writer extends the file before it updates the meta pages, so the size is read after them
  const { size } = fstatSync(file);
  for (const [name, { root, depth }] of Object.entries({ "list of free pages": meta.free, "tree of names": meta.main })) {
    const page = root === noPage ? 0n : root;
    if (page * BigInt(meta.pageBytes) >= BigInt(size)) throw damaged(path, `ends before its ${name}: it has been cut short`);
    if ((root === noPage) !== (depth === 0)) throw damaged(path, "has a damaged header");
  }
  return meta;
};

const statOf = (path: string): Stats | undefined => {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    throw damaged(path, `cannot be read: ${messageOf(error)}`, error);
  }
};

const assertFile = (path: string, what: string): Stats | undefined => {
  const found = statOf(path);
  if (!found) return undefined;
  if (!found.isFile()) {
    throw new CarillonError("STORE_DAMAGED", `the embedded store ${path} cannot be opened: its ${what} is not a file`, {
      fix: `move ${path} away${what === "lock" ? ": Carillon creates it again" : `; ${resolution}`}`,
    });
  }
  try {
    accessSync(path, constants.R_OK | constants.W_OK);
  } catch (error) {
    throw new CarillonError("STORE_DAMAGED", `the embedded store ${path} cannot be opened: ${messageOf(error)}`, {
      fix: "grant this account permission to read and write it, or start Carillon as the account that created it",
      cause: error,
    });
  }
  return found;
};

const [mostReads, pauseMs] = [5, 20];

/** A process that creates the store or commits leaves its pages half written for an instant. Only damage that persists counts. */
const readSteadyMeta = (file: number, path: string): StoreMeta => {
  for (let read = 1; ; read += 1) {
    try {
      return readStoreMeta(file, path);
    } catch (error) {
      if (read === mostReads) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pauseMs);
    }
  }
};

/** Files that only a used store leaves: the mark of its last close, a store that a restore moved aside, and an unfinished restore. */
const wasInUse = (folder: string): boolean =>
  existsSync(folder) && readdirSync(folder).some((name) => /^(carillon\.clean|carillon\.mdb\.before-.*|restore\.partial)$/.test(name));

/** Throws STORE_DAMAGED unless the folder contains a store that LMDB can open, or no store yet. */
export const checkStoreFile = (folder: string): StoreMeta | undefined => {
  const path = storePath(folder);
  const found = assertFile(path, "data");
  assertFile(`${path}-lock`, "lock");
  if (!found) {
    if (wasInUse(folder)) throw damaged(path, "is missing, though its folder was in use");
    return undefined;
  }
  if (found.size === 0) {
    // LMDB treats an empty file as a new store; in a used store that would mean lost messages
    if (existsSync(join(folder, "outbox"))) throw damaged(path, "is empty, though messages have been delivered from it");
    return undefined;
  }
  const file = openSync(path, "r");
  try {
    return readSteadyMeta(file, path);
  } finally {
    closeSync(file);
  }
};
