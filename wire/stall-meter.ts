/** Measures how long this process is stalled: suspended, paused by its host, or busy. */
export interface StallMeter {
  /** Begins a measurement. Returns the time stalled so far, in milliseconds. */
  begin(): number;
  /** The time stalled so far, in milliseconds. It only grows while a measurement is going on. */
  soFar(): number;
  /** Ends a measurement. */
  end(): void;
}

const everyMs = 250;

/** A timer this late means that the whole process was stalled. */
export const lateMs = 100;

/** Looks at the time every 250 ms while something is measured, so that it does not wake an idle process. */
export const createStallMeter = (elapsed: () => number): StallMeter => {
  let measuring = 0;
  let totalMs = 0;
  let lastMs = 0;
  let timer: NodeJS.Timeout | undefined;
  const count = (): void => {
    const nowMs = elapsed();
    const stallMs = nowMs - lastMs - everyMs;
    if (stallMs < lateMs) return;
    totalMs += stallMs;
    lastMs = nowMs;
  };
  const look = (): void => {
    count();
    lastMs = elapsed();
    if (measuring > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
  return {
    begin: () => {
      measuring += 1;
      if (timer === undefined) {
        lastMs = elapsed();
        timer = setInterval(look, everyMs).unref();
      }
      return totalMs;
    },
    soFar: () => {
      if (timer !== undefined) count();
      return totalMs;
    },
    end: () => {
      measuring -= 1;
    },
  };
};

/** The meter of this thread. */
export const processStalls = createStallMeter(() => performance.now());
