import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { setImmediate as breathe } from "node:timers/promises";
import { damaged, headerBytes, noPage, readStoreMeta, readTree, type StoreMeta, type TreeRoot, treeBytes } from "./lmdb-file.js";

/** The findings of a walk over all pages of a store. */
export interface StoreWalk {
  readonly usedPages: number;
  readonly pageBytes: number;
  readonly values: number;
}

export interface WalkOptions {
  /** Called at intervals with the number of pages checked and the maximum. */
  readonly onProgress?: (done: number, total: number) => void;
}

const [branch, leaf, overflow] = [0x01, 0x02, 0x04];
const kinds = branch | leaf | overflow;
const [bigData, subTree, knownNodeFlags] = [0x01, 0x02, 0x07];
/** A tree with more levels would exceed any disk. */
const deepest = 64;
const progressEvery = 1_000;

interface Visit {
  readonly page: number;
  readonly depth: number;
  readonly tree: string;
  readonly isFreeList: boolean;
}

interface Node {
  readonly at: number;
  readonly flags: number;
  readonly keyBytes: number;
  readonly dataAt: number;
  readonly dataBytes: number;
  /** End of the node within its page. */
  readonly end: number;
}

class Walk {
  private readonly seen: Uint8Array;
  private readonly stack: Visit[] = [];
  private readonly last: number;
  private looked = 0;
  private told = 0;
  private values = 0;

  constructor(
    private readonly file: number,
    private readonly path: string,
    size: number,
    private readonly meta: StoreMeta,
    private readonly options: WalkOptions,
  ) {
    const pagesInFile = Math.floor(size / meta.pageBytes);
    this.last = Math.min(Number(meta.lastPage), pagesInFile - 1);
    this.seen = new Uint8Array(Math.ceil((this.last + 1) / 8));
  }

  async run(): Promise<StoreWalk> {
    this.pushTree(this.meta.free, "list of free pages", true);
    this.pushTree(this.meta.main, "tree of names", false);
    for (let next = this.stack.pop(); next; next = this.stack.pop()) {
      this.visit(next);
      if (this.looked - this.told >= progressEvery) {
        this.told = this.looked;
        this.options.onProgress?.(this.looked, this.last + 1);
        await breathe(); // lets other work in this process go on
      }
    }
    return { usedPages: this.looked, pageBytes: this.meta.pageBytes, values: this.values };
  }

  private pushTree({ root }: TreeRoot, tree: string, isFreeList: boolean): void {
    if (root !== noPage) this.push({ page: this.pageOf(root, tree), depth: 1, tree, isFreeList });
  }

  private push(visit: Visit): void {
    if (visit.depth > deepest) throw this.wrong(visit.page, visit.tree, "lies too deep");
    this.stack.push(visit);
  }

  private wrong(page: number | bigint, tree: string, what: string): Error {
    return damaged(this.path, `is damaged: page ${page} of ${tree} ${what}`);
  }

  private pageOf(page: bigint, tree: string): number {
    if (page > BigInt(this.last)) throw this.wrong(page, tree, "lies beyond the end of the file");
    return Number(page);
  }

  /** Records pages as used. Each page may be used once. */
  private take(first: number, count: number, tree: string): void {
    if (first + count - 1 > this.last) throw this.wrong(first, tree, "runs beyond the end of the file");
    for (let page = first; page < first + count; page += 1) {
      const [at, bit] = [page >> 3, 1 << (page & 7)];
      if (page < 2 || ((this.seen[at] ?? 0) & bit) !== 0) throw this.wrong(page, tree, "is used twice");
      this.seen[at] = (this.seen[at] ?? 0) | bit;
    }
    this.looked += count;
  }

  private read(page: number, length: number): Buffer {
    const bytes = Buffer.alloc(length);
    if (readSync(this.file, bytes, 0, length, page * this.meta.pageBytes) < length)
      throw damaged(this.path, `is damaged: page ${page} has been cut off`);
    return bytes;
  }

  private visit(visit: Visit): void {
    const { page, tree } = visit;
    this.take(page, 1, tree);
    const bytes = this.read(page, this.meta.pageBytes);
    const kind = bytes.readUInt16LE(18) & kinds;
    if (bytes.readBigUInt64LE(0) !== BigInt(page)) throw this.wrong(page, tree, "bears another number");
    if (kind !== branch && kind !== leaf) throw this.wrong(page, tree, "is of no known kind");
    const [lower, upper] = [bytes.readUInt16LE(20), bytes.readUInt16LE(22)];
    const room = this.meta.pageBytes - headerBytes;
    if (lower > upper || upper > room || lower % 2 !== 0 || (kind === branch && lower < 2))
      throw this.wrong(page, tree, "has wrong bounds");
    for (let index = 0; index < lower / 2; index += 1) {
      const node = this.nodeOf(bytes, index, kind, visit);
      if (kind === branch) this.follow(bytes, node, visit);
      else this.look(bytes, node, visit);
    }
  }

  private nodeOf(bytes: Buffer, index: number, kind: number, { page, tree }: Visit): Node {
    const at = bytes.readUInt16LE(headerBytes + 2 * index) + headerBytes;
    if (at + 8 > bytes.length || at < headerBytes) throw this.wrong(page, tree, "has an entry outside it");
    const flags = bytes.readUInt16LE(at + 4);
    const keyBytes = bytes.readUInt16LE(at + 6);
    const dataAt = at + 8 + keyBytes;
    const dataBytes = kind === branch ? 0 : bytes.readUInt32LE(at);
    const end = dataAt + (kind === branch ? 0 : (flags & bigData) !== 0 ? headerBytes : dataBytes);
    if (end > bytes.length) throw this.wrong(page, tree, "has an entry that is too long");
    if (kind === leaf && (flags & ~knownNodeFlags) !== 0) throw this.wrong(page, tree, "has an entry of no known kind");
    return { at, flags, keyBytes, dataAt, dataBytes, end };
  }

  private follow(bytes: Buffer, { at, flags }: Node, { depth, tree, isFreeList }: Visit): void {
    const child = BigInt(bytes.readUInt32LE(at)) | (BigInt(flags) << 32n);
    this.push({ page: this.pageOf(child, tree), depth: depth + 1, tree, isFreeList });
  }

  private look(bytes: Buffer, node: Node, { page, tree, isFreeList }: Visit): void {
    if ((node.flags & subTree) !== 0) {
      if (node.dataBytes !== treeBytes) throw this.wrong(page, tree, "names no tree");
      const name = bytes.toString("latin1", node.at + 8, node.dataAt).replace(/[^\x20-\x7e]/g, "");
      this.pushTree(readTree(bytes, node.dataAt), name, false);
      return;
    }
    this.values += 1;
    const list = (node.flags & bigData) === 0 ? bytes.subarray(node.dataAt, node.end) : this.lookAtOverflow(bytes, node, tree, isFreeList);
    if (isFreeList && list) this.lookAtFreePages(list, page);
  }

  /** A value on its own pages. Only those of the list of free pages are read. */
  private lookAtOverflow(bytes: Buffer, { dataAt, dataBytes }: Node, tree: string, whole: boolean): Buffer | undefined {
    const first = this.pageOf(bytes.readBigUInt64LE(dataAt), tree);
    const count = Math.ceil((headerBytes + dataBytes) / this.meta.pageBytes);
    const named = Number(bytes.readBigUInt64LE(dataAt + 16));
    if (named < count) throw this.wrong(first, tree, "is shorter than its value");
    this.take(first, named, tree);
    const head = this.read(first, whole ? headerBytes + dataBytes : headerBytes);
    if (head.readBigUInt64LE(0) !== BigInt(first) || (head.readUInt16LE(18) & kinds) !== overflow) {
      throw this.wrong(first, tree, "is not the value that it should be");
    }
    return whole ? head.subarray(headerBytes) : undefined;
  }

  /** A count, then page numbers. A negative number is the length of the run that starts at the next one. */
  private lookAtFreePages(list: Buffer, page: number): void {
    const count = list.length < 8 ? -1n : list.readBigInt64LE(0);
    if (count < 0n || count > BigInt(Math.floor(list.length / 8) - 1)) throw this.wrong(page, "list of free pages", "has a wrong count");
    const most = this.meta.lastPage;
    for (let index = 1; index <= Number(count); index += 1) {
      const number = list.readBigInt64LE(8 * index);
      if (number > most || -number > most) throw this.wrong(page, "list of free pages", "names a page beyond the end");
    }
  }
}

/**
 * Walks every page that the store's latest transaction uses. Rejects STORE_DAMAGED, naming the first invalid page. While other processes
 * write, the caller has to hold a read transaction of the same age.
 */
export const walkStore = async (path: string, options: WalkOptions = {}): Promise<StoreWalk> => {
  const file = openSync(path, "r");
  try {
    const meta = readStoreMeta(file, path);
    const { size } = fstatSync(file);
    return await new Walk(file, path, size, meta, options).run();
  } finally {
    closeSync(file);
  }
};
