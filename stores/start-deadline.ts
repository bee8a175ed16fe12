import { lateMs } from "../wire/stall-meter.js";
import type { Clock } from "./clock.js";

const leastExtensionMs = 1_000;
const mostExtensions = 3;

/**
 * Calls `end` after the timeout. Timers run before arrived answers are read, so a deadline during which the process was stalled is extended
 * by the measured stalls: by at most `longestMs`, and at most three times. Returns a function that cancels it.
 */
export const startDeadline = (
  timeoutMs: number,
  clock: Pick<Clock, "elapsed" | "after" | "stalls">,
  end: (stalled: boolean) => void,
  longestMs = timeoutMs,
): (() => void) => {
  const { stalls } = clock;
  let extensions = 0;
  let isOver = false;
  let knownMs = stalls?.begin() ?? 0;
  const wait = (ms: number): (() => void) => {
    const dueMs = clock.elapsed() + ms;
    return clock.after(ms, () => {
      const totalMs = stalls?.soFar() ?? 0;
      // without a meter, only the lateness of this timer shows a stall
      const stallMs = Math.max(totalMs - knownMs, clock.elapsed() - dueMs);
      if (stallMs < lateMs || extensions === mostExtensions) {
        isOver = true;
        stalls?.end();
        end(extensions > 0);
        return;
      }
      knownMs += stallMs;
      extensions += 1;
      cancel = wait(Math.min(longestMs, Math.max(stallMs, leastExtensionMs)));
    });
  };
  let cancel = wait(timeoutMs);
  return () => {
    cancel();
    if (!isOver) stalls?.end();
    isOver = true;
  };
};

/** The longest time after which `startDeadline` ends, with a margin: for a library's own timer that must not end before it. */
export const longestDeadlineMs = (timeoutMs: number): number => (1 + mostExtensions) * timeoutMs + leastExtensionMs;
