import type { Clock } from "../../stores/clock.js";

const [leastPauseMs, mostPauseMs] = [200, 5_000];
const withinMs = 60_000;

/** Retries for a minute at most, while the error is retryable and the signal has not aborted. Rejects with the last error. */
export const untilOut = async (
  append: () => Promise<void>,
  mayTryAgain: (error: unknown) => boolean,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> => {
  const giveUpAtMs = clock.now() + withinMs;
  for (let pauseMs = leastPauseMs; ; pauseMs = Math.min(pauseMs * 2, mostPauseMs)) {
    try {
      return await append();
    } catch (error) {
      if (!mayTryAgain(error) || signal.aborted || clock.now() >= giveUpAtMs) throw error;
      await clock.sleep(pauseMs, signal);
    }
  }
};
