/** Wakes the consumer that waits for records of a partition. */
export interface ArrivalSignal {
  raise(topic: string, partition: number): void;
  wait(topic: string, partition: number, timeoutMs: number, signal: AbortSignal): Promise<void>;
}

export const createArrivalSignal = (): ArrivalSignal => {
  const waiting = new Map<string, Set<() => void>>();
  return {
    raise: (topic, partition) => {
      const place = `${topic} ${partition}`;
      const wakers = waiting.get(place);
      if (!wakers) return;
      waiting.delete(place);
      for (const wake of wakers) wake();
    },
    wait: (topic, partition, timeoutMs, signal) =>
      new Promise((resolve) => {
        const place = `${topic} ${partition}`;
        const wakers = waiting.get(place) ?? new Set();
        const wake = (): void => {
          clearTimeout(timer);
          wakers.delete(wake);
          signal.removeEventListener("abort", wake);
          resolve();
        };
        const timer = setTimeout(wake, timeoutMs);
        if (signal.aborted) {
          wake();
          return;
        }
        waiting.set(place, wakers.add(wake));
        signal.addEventListener("abort", wake, { once: true });
      }),
  };
};
