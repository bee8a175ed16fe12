import type { Database } from "lmdb";
import type { Clock } from "../clock.js";
import type { LmdbEnvironment } from "../lmdb-environment.js";
import { boundedSum } from "./bounded-sum.js";
import type { Cells } from "./cells.js";

interface Cell {
  readonly value: string;
  readonly forgetAtMs: number;
}

/** Cells that are looked at with each new number, so that numbers whose groups are never read as a whole do not remain. */
const lookedAt = 100;

/** Cells in the embedded store. There are few, so expired cells are removed when their group is read, and a few with each new number. */
export const createLmdbCells = (environment: LmdbEnvironment, clock: Clock): Cells => {
  const cells: Database<Cell, [group: string, name: string]> = environment.root.openDB("cells", {});
  let position: [group: string, name: string] = ["", ""];
  /** Removes expired cells among the next ones. Call inside a transaction. */
  const sweep = (): void => {
    const next = [...cells.getRange({ start: position, limit: lookedAt })];
    const last = next.at(-1);
    position = last && next.length === lookedAt ? last.key : ["", ""];
    for (const { key, value } of next) if (value.forgetAtMs <= clock.now()) void cells.remove(key);
  };
  return {
    add: (group, name, amount, { most, ttlMs }) =>
      environment.transaction(() => {
        const stored = cells.get([group, name]);
        const isAlive = stored !== undefined && stored.forgetAtMs > clock.now();
        const sum = boundedSum(isAlive ? stored.value : undefined, amount, most);
        void cells.put([group, name], { value: String(sum.total), forgetAtMs: clock.now() + ttlMs });
        if (stored === undefined) sweep();
        return sum;
      }),
    set: async (group, name, value, ttlMs) => {
      await environment.transaction(() => void cells.put([group, name], { value, forgetAtMs: clock.now() + ttlMs }));
    },
    get: async (group, name) => {
      const cell = cells.get([group, name]);
      return cell && cell.forgetAtMs > clock.now() ? cell.value : undefined;
    },
    all: async (group) => {
      const found = new Map<string, string>();
      const forgotten: [group: string, name: string][] = [];
      for (const { key, value } of cells.getRange({ start: [group, ""], end: [group, "\u{10ffff}"] })) {
        if (value.forgetAtMs > clock.now()) found.set(key[1], value.value);
        else forgotten.push(key);
      }
      if (forgotten.length > 0) {
        // the reader neither waits for the removal nor fails with it: the next reader tries again
        environment.transaction(() => forgotten.forEach((key) => void cells.remove(key))).catch(() => undefined);
      }
      return found;
    },
    remove: async (group, name) => {
      await environment.transaction(() => void cells.remove([group, name]));
    },
    close: async () => undefined,
  };
};
