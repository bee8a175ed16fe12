import type { Clock } from "./clock.js";

/** A timer this late means that the whole process was stalled: suspended, paused by its host, or busy. */
const lateMs = 100;
const leastExtensionMs = 1_000;
const mostExtensions = 3;

/**
 * Calls `end` after the timeout. Timers run before arrived answers are read, so a deadline that comes late is extended by the measured stall:
 * by at most `longestMs`, and at most three times. Returns a function that cancels it.
 */
export const startDeadline = (
  timeoutMs: number,
  clock: Pick<Clock, "elapsed" | "after">,
  end: (stalled: boolean) => void,
  longestMs = timeoutMs,
): (() => void) => {
  let extensions = 0;
  const wait = (ms: number): (() => void) => {
    const dueMs = clock.elapsed() + ms;
    return clock.after(ms, () => {
      const stallMs = clock.elapsed() - dueMs;
      if (stallMs < lateMs || extensions === mostExtensions) {
        end(extensions > 0);
        return;
      }
      extensions += 1;
      cancel = wait(Math.min(longestMs, Math.max(stallMs, leastExtensionMs)));
    });
  };
  let cancel = wait(timeoutMs);
  return () => cancel();
};

/** The longest time after which `startDeadline` ends, with a margin: for a library's own timer that must not end before it. */
export const longestDeadlineMs = (timeoutMs: number): number => (1 + mostExtensions) * timeoutMs + leastExtensionMs;
