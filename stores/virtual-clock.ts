import { CarillonError } from "../schemas/errors.js";
import { type Clock, sleepBy } from "./clock.js";
import { createStillness } from "./stillness.js";

/** A clock that only the test moves. */
export interface VirtualClock extends Clock {
  /** Throws INPUT_INVALID unless `ms` is a finite number of at least 0. */
  advance(ms: number): void;
  /** Milliseconds until the next call of `after` or end of `sleep`: 0 if it is overdue, undefined if there is none. */
  nextInMs(): number | undefined;
  /** Returns a function that resolves when the work has ended, or when only this clock can continue it. */
  watch(): (work: Promise<void>) => Promise<void>;
}

/** Throws INPUT_INVALID unless a clock can advance by `ms`. */
export const checkAdvance = (ms: unknown): void => {
  if (typeof ms === "number" && Number.isFinite(ms) && ms >= 0) return;
  const given = typeof ms === "string" ? JSON.stringify(ms) : String(ms);
  throw new CarillonError("INPUT_INVALID", `the clock cannot advance by ${given}`, {
    field: "ms",
    fix: "give a finite number of milliseconds, 0 or more",
  });
};

export const createVirtualClock = (startMs = Date.UTC(2026, 0, 1)): VirtualClock => {
  let nowMs = startMs;
  const waiting = new Set<{ readonly atMs: number; readonly wake: () => void }>();
  const after = (ms: number, then: () => void): (() => void) => {
    const entry = {
      atMs: nowMs + ms,
      wake: () => {
        waiting.delete(entry);
        then();
      },
    };
    waiting.add(entry);
    return () => waiting.delete(entry);
  };
  return {
    now: () => nowMs,
    elapsed: () => nowMs,
    after,
    sleep: sleepBy(after),
    watch: createStillness,
    nextInMs: () => {
      let firstMs = Number.POSITIVE_INFINITY;
      for (const { atMs } of waiting) firstMs = Math.min(firstMs, atMs);
      return waiting.size === 0 ? undefined : Math.max(0, firstMs - nowMs);
    },
    advance: (ms) => {
      checkAdvance(ms);
      nowMs += ms;
      for (const entry of [...waiting].sort((a, b) => a.atMs - b.atMs)) if (entry.atMs <= nowMs) entry.wake();
    },
  };
};
