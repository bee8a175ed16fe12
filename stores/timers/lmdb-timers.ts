import type { Clock } from "../clock.js";
import type { LmdbEnvironment } from "../lmdb-environment.js";
import type { ThreadSignals } from "../thread-signals.js";
import { createDueListener, type DueListener, longestWaitMs } from "./due-listener.js";
import { openLmdbTimerTable } from "./lmdb-timer-table.js";
import type { Timers } from "./timers.js";

const timersSignal = "timers";

/** Timers of the embedded profile, in order of due time in LMDB. `signals`: to the listening thread and from the others. */
export const createLmdbTimers = (
  environment: LmdbEnvironment,
  clock: Clock,
  signals?: Pick<ThreadSignals, "publish" | "subscribe">,
): Timers => {
  const { root, room } = environment;
  const table = openLmdbTimerTable(root);
  const listeners = new Set<DueListener>();
  const closing = new AbortController();
  const isFull = (): boolean => room.state().condition === "full";

  const remove = async (ids: readonly string[], claimed: boolean): Promise<void> => {
    if (ids.length > 0) await environment.transaction(() => table.remove(ids, claimed));
  };
  const nextDueInMs = async (): Promise<number | undefined> => {
    // a claimed timer is listed with the end of its lease: an early look is harmless
    const nextAtMs = table.nextAtMs();
    return nextAtMs === undefined ? undefined : nextAtMs - clock.now();
  };

  return {
    schedule: async (timers) => {
      if (timers.length === 0) return;
      await environment.transaction(() => {
        for (const timer of timers) table.put(timer);
      });
      const earliest = Math.min(...timers.map((timer) => timer.dueAtMs));
      for (const listener of listeners) listener.wake(earliest);
      // a later timer needs no signal: the listener finds it at its next look
      if (earliest - clock.now() < longestWaitMs) signals?.publish(timersSignal, earliest);
    },
    cancel: (ids) => remove(ids, false),
    // on a full disk timers stay in place: they are late, but not lost
    claim: async (ids, leaseMs) => (isFull() ? [] : environment.transaction(() => table.claim(ids, clock.now(), leaseMs, false))),
    claimDue: async (limit, leaseMs, graceMs = 0) => {
      const ids = table.dueIds(clock.now() - graceMs, limit);
      return ids.length === 0 || isFull() ? [] : environment.transaction(() => table.claim(ids, clock.now(), leaseMs, true));
    },
    complete: (ids) => remove(ids, true),
    listen: async (hint) => {
      const listener = createDueListener(table, clock, hint, closing.signal);
      listeners.add(listener);
      listener.look();
      const unsubscribe = signals?.subscribe(timersSignal, (dueAtMs) => {
        root.resetReadTxn(); // makes timers visible that another thread has scheduled
        listener.wake(dueAtMs as number);
      });
      return async () => {
        unsubscribe?.();
        listener.stop();
        listeners.delete(listener);
      };
    },
    wake: nextDueInMs,
    hintsByItself: true, // the listener looks when the next timer is due
    nextDueInMs,
    pending: async () => table.count(),
    close: async () => closing.abort(),
  };
};
