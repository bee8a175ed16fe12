import { setImmediate } from "node:timers/promises";

/**
 * Sweeps at intervals, and again at once for as long as `sweep` resolves true, which means that work is left. So each sweep may be small, and
 * sweeping keeps up with any rate of work. A failed sweep is repeated at the next interval. Returns a function that stops it.
 */
export const createSweeper = (sweep: () => Promise<boolean>, everyMs: number): (() => void) => {
  let stopped = false;
  let sweeping = false;
  const run = async (): Promise<void> => {
    if (sweeping) return;
    sweeping = true;
    try {
      while (!stopped && (await sweep())) await setImmediate();
    } catch {
      // repeated at the next interval
    } finally {
      sweeping = false;
    }
  };
  const timer = setInterval(() => void run(), everyMs);
  timer.unref();
  return () => {
    stopped = true;
    clearInterval(timer);
  };
};
