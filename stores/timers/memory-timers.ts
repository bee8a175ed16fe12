import type { Clock } from "../clock.js";
import type { Timer, Timers } from "./timers.js";

/** Timers in memory, for tests and the test driver. */
export const createMemoryTimers = (clock: Clock): Timers => {
  const waiting = new Map<string, Timer>();
  const inflight = new Map<string, { readonly timer: Timer; readonly leaseEndsAtMs: number }>();
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
    claimDue: async (limit, leaseMs) => {
      const outlived = [...inflight.values()].filter((held) => held.leaseEndsAtMs <= clock.now()).map((held) => held.timer);
      const due = [...waiting.values()].filter((timer) => timer.dueAtMs <= clock.now()).sort((a, b) => a.dueAtMs - b.dueAtMs);
      return claimAll([...outlived, ...due].slice(0, limit), leaseMs);
    },
    complete: async (ids) => {
      for (const id of ids) inflight.delete(id);
    },
    listen: async () => async () => undefined,
    pending: async () => waiting.size + inflight.size,
    nextDueInMs: async () =>
      waiting.size === 0 ? undefined : Math.min(...[...waiting.values()].map((timer) => timer.dueAtMs)) - clock.now(),
    close: async () => undefined,
  };
};
