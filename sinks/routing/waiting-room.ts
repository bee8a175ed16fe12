import { setMaxListeners } from "node:events";
import type { Clock } from "../../stores/clock.js";

/** The records that wait for capacity, in order of arrival. */
export const createWaitingRoom = (clock: Clock) => {
  const waiting = new Set<() => void>();
  return {
    /** Resolves when capacity becomes free, after `ms`, or when the signal aborts. */
    wait: (ms: number, signal: AbortSignal): Promise<void> =>
      new Promise((resolve) => {
        if (signal.aborted) {
          resolve();
          return;
        }
        const wake = (): void => {
          waiting.delete(wake);
          cancel();
          signal.removeEventListener("abort", wake);
          resolve();
        };
        const cancel = clock.after(ms, wake);
        // there are as many listeners as records in flight
        setMaxListeners(0, signal);
        signal.addEventListener("abort", wake, { once: true });
        waiting.add(wake);
      }),
    wakeOne: (): void => {
      const [first] = waiting;
      first?.();
    },
  };
};

export type WaitingRoom = ReturnType<typeof createWaitingRoom>;
