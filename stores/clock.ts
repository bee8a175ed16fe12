import { processStalls, type StallMeter } from "../wire/stall-meter.js";

/** Time, as a dependency that tests can move. */
export interface Clock {
  /** Milliseconds since 1970 UTC. */
  now(): number;
  /** Milliseconds, with fractions, since an arbitrary moment. Never goes back. For measuring durations. */
  elapsed(): number;
  /** Resolves after `ms`, or as soon as the signal aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Calls `then` after `ms`. The returned function cancels the call. */
  after(ms: number, then: () => void): () => void;
  /** Measures stalls of this process. Undefined: only late timers show them. */
  readonly stalls?: StallMeter;
}

/** Implements `sleep` with a clock's `after`: resolves after `ms`, or as soon as the signal aborts. */
export const sleepBy =
  (after: Clock["after"]): Clock["sleep"] =>
  (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) {
        resolve();
        return;
      }
      const done = (): void => {
        cancel();
        signal?.removeEventListener("abort", done);
        resolve();
      };
      const cancel = after(ms, done);
      signal?.addEventListener("abort", done, { once: true });
    });

const afterRealTime: Clock["after"] = (ms, then) => {
  const timer = setTimeout(then, ms);
  return () => clearTimeout(timer);
};

export const systemClock: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  after: afterRealTime,
  sleep: sleepBy(afterRealTime),
  stalls: processStalls,
};
