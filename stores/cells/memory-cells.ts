import type { Clock } from "../clock.js";
import type { Cells } from "./cells.js";

/** Cells in memory, for tests and the test driver. */
export const createMemoryCells = (clock: Clock): Cells => {
  const groups = new Map<string, Map<string, { readonly value: string; readonly forgetAtMs: number }>>();
  const alive = (group: string): Map<string, string> =>
    new Map(
      [...(groups.get(group) ?? [])].filter(([, { forgetAtMs }]) => forgetAtMs > clock.now()).map(([name, { value }]) => [name, value]),
    );
  return {
    set: async (group, name, value, ttlMs) => {
      const cells = groups.get(group) ?? new Map();
      groups.set(group, cells.set(name, { value, forgetAtMs: clock.now() + ttlMs }));
    },
    get: async (group, name) => alive(group).get(name),
    all: async (group) => alive(group),
    remove: async (group, name) => {
      groups.get(group)?.delete(name);
    },
    close: async () => undefined,
  };
};
