import { processStalls, type StallMeter } from "./stall-meter.js";

/** Watches for stalls of this process between uses of something that a stall makes stale. */
export interface StallWatch {
  /** Call at each use. Whether the process was stalled since the last one. */
  wasStalled(): boolean;
}

/** Servers seldom close an unused connection sooner. */
const leastStallMs = 1_000;
/** Without a use for this long, the watch ends, so that it does not wake an idle process. */
const watchMs = 30_000;

export const createStallWatch = (stalls: StallMeter = processStalls): StallWatch => {
  let knownMs = 0;
  let rest: NodeJS.Timeout | undefined;
  const stop = (): void => {
    rest = undefined;
    stalls.end();
  };
  return {
    wasStalled: () => {
      if (rest === undefined) {
        knownMs = stalls.begin();
        rest = setTimeout(stop, watchMs).unref();
        return false;
      }
      rest.refresh();
      const stalledMs = stalls.soFar() - knownMs;
      knownMs += stalledMs;
      return stalledMs >= leastStallMs;
    },
  };
};
