import type { Clock } from "../clock.js";
import { boundedSum } from "./bounded-sum.js";
import type { Cells } from "./cells.js";

/** Cells in memory, for tests and the test driver. */
export const createMemoryCells = (clock: Clock): Cells => {
  const groups = new Map<string, Map<string, { readonly value: string; readonly forgetAtMs: number }>>();
  const alive = (group: string): Map<string, string> =>
    new Map(
      [...(groups.get(group) ?? [])].filter(([, { forgetAtMs }]) => forgetAtMs > clock.now()).map(([name, { value }]) => [name, value]),
    );
  const set = (group: string, name: string, value: string, ttlMs: number): void => {
    const cells = groups.get(group) ?? new Map();
    groups.set(group, cells.set(name, { value, forgetAtMs: clock.now() + ttlMs }));
  };
  return {
    set: async (group, name, value, ttlMs) => set(group, name, value, ttlMs),
    add: async (group, name, amount, { most, ttlMs }) => {
      const sum = boundedSum(alive(group).get(name), amount, most);
      set(group, name, String(sum.total), ttlMs);
      return sum;
    },
    get: async (group, name) => alive(group).get(name),
    all: async (group) => alive(group),
    remove: async (group, name) => {
      groups.get(group)?.delete(name);
    },
    close: async () => undefined,
  };
};
