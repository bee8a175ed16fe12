import type { Clock } from "../../stores/clock.js";

const [leastPauseMs, mostPauseMs] = [200, 5_000];
const withinMs = 60_000;
/** So many tries are made although the minute has passed: this process may have been stalled in it. */
const leastTries = 5;

/** Retries for a minute, while the error is retryable and the signal has not aborted. Rejects with the last error. */
export const untilOut = async (
  append: () => Promise<void>,
  mayTryAgain: (error: unknown) => boolean,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> => {
  const giveUpAtMs = clock.now() + withinMs;
  let pauseMs = leastPauseMs;
  for (let tries = 1; ; tries += 1) {
    try {
      return await append();
    } catch (error) {
      if (!mayTryAgain(error) || signal.aborted || (tries >= leastTries && clock.now() >= giveUpAtMs)) throw error;
      await clock.sleep(pauseMs, signal);
      pauseMs = Math.min(pauseMs * 2, mostPauseMs);
    }
  }
};
