import type { Database, RootDatabase } from "lmdb";
import type { Timer } from "./timers.js";

/** One entry per key: when the timer is next due (its own time, or the end of its lease) and whether it is claimed. */
interface Entry {
  readonly timer: Timer;
  readonly atMs: number;
  readonly claimed: boolean;
}

/** Timers in LMDB by id, and their ids in order of due time. */
export interface LmdbTimerTable {
  /** Adds the timer or replaces the one with its id. Call inside a transaction. */
  put(timer: Timer): void;
  /** Claims the timers of `ids` that are due at `nowMs`. `evenClaimed`: also those whose lease has ended. Call inside a transaction. */
  claim(ids: readonly string[], nowMs: number, leaseMs: number, evenClaimed: boolean): Timer[];
  /** Removes either the claimed or the unclaimed timers of `ids`. Call inside a transaction. */
  remove(ids: readonly string[], claimed: boolean): void;
  /** Ids of timers that are due at `nowMs`, or whose lease has ended, in order of time. */
  dueIds(nowMs: number, limit: number): string[];
  /** The earliest due time, or end of a lease, that is not before `fromMs`. */
  nextAtMs(fromMs?: number): number | undefined;
  count(): number;
}

export const openLmdbTimerTable = (root: RootDatabase): LmdbTimerTable => {
  const entries: Database<Entry, string> = root.openDB("timers", {});
  const byTime: Database<boolean, [atMs: number, id: string]> = root.openDB("timers-due", {});

  const put = (entry: Entry): void => {
    const { id } = entry.timer;
    const before = entries.get(id);
    if (before) void byTime.remove([before.atMs, id]);
    void entries.put(id, entry);
    void byTime.put([entry.atMs, id], true);
  };
  return {
    put: (timer) => put({ timer, atMs: timer.dueAtMs, claimed: false }),
    claim: (ids, nowMs, leaseMs, evenClaimed) => {
      const claimed: Timer[] = [];
      for (const id of ids) {
        const entry = entries.get(id);
        if (!entry || entry.atMs > nowMs || (entry.claimed && !evenClaimed)) continue;
        put({ timer: entry.timer, atMs: nowMs + leaseMs, claimed: true });
        claimed.push(entry.timer);
      }
      return claimed;
    },
    remove: (ids, claimed) => {
      for (const id of ids) {
        const entry = entries.get(id);
        if (entry?.claimed !== claimed) continue;
        void byTime.remove([entry.atMs, id]);
        void entries.remove(id);
      }
    },
    dueIds: (nowMs, limit) => [...byTime.getKeys({ start: [0, ""], end: [nowMs + 1, ""], limit })].map(([, id]) => id),
    nextAtMs: (fromMs = 0) => [...byTime.getKeys({ start: [fromMs, ""], limit: 1 })][0]?.[0],
    count: () => entries.getCount({}),
  };
};
