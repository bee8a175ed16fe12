import type { Clock } from "../clock.js";
import type { Timer, Timers } from "./timers.js";

/** Timers in memory, for tests and the test driver. */
export const createMemoryTimers = (clock: Clock): Timers => {
  const waiting = new Map<string, Timer>();
  const inflight = new Map<string, { readonly timer: Timer; readonly leaseEndsAtMs: number }>();
  const hints = new Set<(ids: readonly string[]) => void>();
  const hinted = new WeakSet<Timer>();
  const nextDueInMs = (): number | undefined =>
    waiting.size === 0 ? undefined : Math.min(...[...waiting.values()].map((timer) => timer.dueAtMs)) - clock.now();
  const claimAll = (timers: Iterable<Timer>, leaseMs: number): Timer[] => {
    const due = [...timers].filter((timer) => timer.dueAtMs <= clock.now());
    for (const timer of due) {
      waiting.delete(timer.id);
      inflight.set(timer.id, { timer, leaseEndsAtMs: clock.now() + leaseMs });
    }
    return due;
  };
  return {
    schedule: async (timers) => {
      for (const timer of timers) {
        inflight.delete(timer.id);
        waiting.set(timer.id, timer);
      }
    },
    cancel: async (ids) => {
      for (const id of ids) waiting.delete(id);
    },
    claim: async (ids, leaseMs) =>
      claimAll(
        ids.flatMap((id) => waiting.get(id) ?? []),
        leaseMs,
      ),
    claimDue: async (limit, leaseMs, graceMs = 0) => {
      const outlived = [...inflight.values()].filter((held) => held.leaseEndsAtMs <= clock.now()).map((held) => held.timer);
      const due = [...waiting.values()].filter((timer) => timer.dueAtMs <= clock.now() - graceMs).sort((a, b) => a.dueAtMs - b.dueAtMs);
      return claimAll([...outlived, ...due].slice(0, limit), leaseMs);
    },
    complete: async (ids) => {
      for (const id of ids) inflight.delete(id);
    },
    listen: async (hint) => {
      hints.add(hint);
      return async () => void hints.delete(hint);
    },
    wake: async (limit) => {
      const due = [...waiting.values()].filter((timer) => timer.dueAtMs <= clock.now() && !hinted.has(timer)).slice(0, limit);
      for (const timer of due) hinted.add(timer);
      if (due.length > 0) for (const hint of hints) hint(due.map(({ id }) => id));
      return nextDueInMs();
    },
    pending: async () => waiting.size + inflight.size,
    nextDueInMs: async () => nextDueInMs(),
    close: async () => undefined,
  };
};
