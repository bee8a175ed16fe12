import { performance } from "node:perf_hooks";
import { setImmediate } from "node:timers";

/** Turns of the event loop, and milliseconds of real time, in which nothing real is open. */
const leastTurns = 8;
const leastRealMs = 15;
/** The same in milliseconds while a timer is open that may be the work's own, or one of the test runner's. */
const leastRealMsWithTimers = 250;
/** A server that never answers must not hold the clock for longer, in milliseconds of real time. */
const mostRealMs = 2_000;

/** What the process waits for. */
interface Open {
  readonly timers: number;
  readonly immediates: number;
  readonly others: number;
}

const openNow = (): Open => {
  const kinds = process.getActiveResourcesInfo();
  const timers = kinds.filter((kind) => kind === "Timeout").length;
  const immediates = kinds.filter((kind) => kind === "Immediate").length;
  return { timers, immediates, others: kinds.length - timers - immediates };
};

/** Returns a function to call after each turn of the event loop: whether the process has been still for long enough. */
const createWatch = (atStart: Open): (() => boolean) => {
  let stillTurns = 0;
  let stillSince = performance.now();
  return () => {
    const now = performance.now();
    const { timers, immediates, others } = openNow();
    if (immediates > 0 || timers > atStart.timers || others > atStart.others) {
      stillTurns = 0;
      stillSince = now;
      return false;
    }
    stillTurns += 1;
    return stillTurns >= leastTurns && now - stillSince >= (timers === 0 ? leastRealMs : leastRealMsWithTimers);
  };
};

const turned = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/**
 * Returns a function that resolves when the work has ended, or when only the virtual clock can continue it: for a few turns of the event
 * loop the process has waited for no more real I/O than at the start. The real functions are imported, so that a test may replace globals.
 */
export const createStillness = (): ((work: Promise<void>) => Promise<void>) => {
  const atStart = openNow();
  return async (work) => {
    let ended = false;
    const end = (): void => {
      ended = true;
    };
    const watched = work.then(end, end);
    const isStill = createWatch(atStart);
    const began = performance.now();
    while (!ended) {
      await Promise.race([watched, turned()]);
      if (performance.now() - began > mostRealMs || isStill()) return;
    }
  };
};
