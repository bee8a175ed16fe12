import type { Database } from "lmdb";
import type { Clock } from "../clock.js";
import type { LmdbEnvironment } from "../lmdb-environment.js";
import type { ThreadSignals } from "../thread-signals.js";
import type { Timer, Timers } from "./timers.js";

/** One entry per key: when the timer is next due (its own time, or the end of its lease) and whether it is claimed. */
interface Entry {
  readonly timer: Timer;
  readonly atMs: number;
  readonly claimed: boolean;
}

const hintLimit = 1_000;
const longestWaitMs = 1_000;

const timersSignal = "timers";

/** Timers of the embedded profile, in order of due time in LMDB. `signals`: to the listening thread and from the others. */
export const createLmdbTimers = (
  environment: LmdbEnvironment,
  clock: Clock,
  signals?: Pick<ThreadSignals, "publish" | "subscribe">,
): Timers => {
  const { root } = environment;
  const entries: Database<Entry, string> = root.openDB("timers", {});
  const byTime: Database<boolean, [atMs: number, id: string]> = root.openDB("timers-due", {});
  const isFull = (): boolean => environment.room.state().condition === "full";
  const wakers = new Set<(dueAtMs: number) => void>();
  let closed = false;

  const put = (entry: Entry): void => {
    const { id } = entry.timer;
    const before = entries.get(id);
    if (before) void byTime.remove([before.atMs, id]);
    void entries.put(id, entry);
    void byTime.put([entry.atMs, id], true);
  };
  const drop = (id: string, entry: Entry): void => {
    void byTime.remove([entry.atMs, id]);
    void entries.remove(id);
  };
  const claimAll = (ids: readonly string[], leaseMs: number, evenClaimed: boolean): Promise<Timer[]> =>
    environment.transaction(() => {
      const nowMs = clock.now();
      const claimed: Timer[] = [];
      for (const id of ids) {
        const entry = entries.get(id);
        if (!entry || entry.atMs > nowMs || (entry.claimed && !evenClaimed)) continue;
        put({ timer: entry.timer, atMs: nowMs + leaseMs, claimed: true });
        claimed.push(entry.timer);
      }
      return claimed;
    });
  const dueIds = (limit: number, graceMs = 0): string[] =>
    [...byTime.getKeys({ start: [0, ""], end: [clock.now() - graceMs + 1, ""], limit })].map(([, id]) => id);

  const nextDueInMs = async (): Promise<number | undefined> => {
    // a claimed timer is listed with the end of its lease: an early look is harmless
    const [next] = [...byTime.getKeys({ limit: 1 })];
    return next && next[0] - clock.now();
  };

  const listen: Timers["listen"] = async (hint) => {
    let wakeAtMs = 0;
    let cancel = (): void => undefined;
    const look = (): void => {
      if (closed) return;
      const ids = dueIds(hintLimit);
      if (ids.length > 0) hint(ids);
      const [next] = [...byTime.getKeys({ start: [clock.now() + 1, ""], limit: 1 })];
      arm(Math.min(next?.[0] ?? Number.MAX_SAFE_INTEGER, clock.now() + longestWaitMs));
    };
    const arm = (atMs: number): void => {
      cancel();
      wakeAtMs = atMs;
      cancel = clock.after(Math.max(1, atMs - clock.now()), look);
    };
    const wake = (dueAtMs: number): void => {
      if (dueAtMs < wakeAtMs) arm(dueAtMs);
    };
    wakers.add(wake);
    look();
    const unsubscribe = signals?.subscribe(timersSignal, (dueAtMs) => {
      root.resetReadTxn(); // makes timers visible that another thread has scheduled
      wake(dueAtMs as number);
    });
    return async () => {
      unsubscribe?.();
      cancel();
      wakers.delete(wake);
    };
  };

  return {
    schedule: async (timers) => {
      if (timers.length === 0) return;
      await environment.transaction(() => {
        for (const timer of timers) put({ timer, atMs: timer.dueAtMs, claimed: false });
      });
      const earliest = Math.min(...timers.map((timer) => timer.dueAtMs));
      for (const wake of wakers) wake(earliest);
      // a later timer needs no signal: the listener finds it at its next look
      if (earliest - clock.now() < longestWaitMs) signals?.publish(timersSignal, earliest);
    },
    cancel: async (ids) => {
      if (ids.length === 0) return;
      await environment.transaction(() => {
        for (const id of ids) {
          const entry = entries.get(id);
          if (entry && !entry.claimed) drop(id, entry);
        }
      });
    },
    // on a full disk timers stay in place: they are late, but not lost
    claim: async (ids, leaseMs) => (isFull() ? [] : claimAll(ids, leaseMs, false)),
    claimDue: async (limit, leaseMs, graceMs = 0) => {
      if (isFull()) return [];
      const ids = dueIds(limit, graceMs);
      return ids.length === 0 ? [] : claimAll(ids, leaseMs, true);
    },
    complete: async (ids) => {
      if (ids.length === 0) return;
      await environment.transaction(() => {
        for (const id of ids) {
          const entry = entries.get(id);
          if (entry?.claimed) drop(id, entry);
        }
      });
    },
    listen,
    wake: nextDueInMs, // the listener looks by itself when the next timer is due
    nextDueInMs,
    pending: async () => entries.getCount({}),
    close: async () => {
      closed = true;
    },
  };
};
