import type { Clock } from "../../stores/clock.js";

/** A clock that only the test moves. */
export interface VirtualClock extends Clock {
  advance(ms: number): void;
}

export const createVirtualClock = (startMs = Date.UTC(2026, 0, 1)): VirtualClock => {
  let nowMs = startMs;
  const sleepers = new Set<{ readonly atMs: number; readonly wake: () => void }>();
  return {
    now: () => nowMs,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        const sleeper = {
          atMs: nowMs + ms,
          wake: () => {
            sleepers.delete(sleeper);
            signal?.removeEventListener("abort", sleeper.wake);
            resolve();
          },
        };
        sleepers.add(sleeper);
        if (signal?.aborted) sleeper.wake();
        else signal?.addEventListener("abort", sleeper.wake, { once: true });
      }),
    advance: (ms) => {
      nowMs += ms;
      for (const sleeper of [...sleepers]) if (sleeper.atMs <= nowMs) sleeper.wake();
    },
  };
};
