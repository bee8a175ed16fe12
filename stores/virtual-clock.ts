import { type Clock, sleepBy } from "./clock.js";

/** A clock that only the test moves. */
export interface VirtualClock extends Clock {
  advance(ms: number): void;
}

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
    advance: (ms) => {
      nowMs += ms;
      for (const entry of [...waiting].sort((a, b) => a.atMs - b.atMs)) if (entry.atMs <= nowMs) entry.wake();
    },
  };
};
