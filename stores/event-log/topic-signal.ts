/** Wakes consumers that wait for a topic. */
export interface TopicSignal {
  raise(topic: string): void;
  wait(topic: string, timeoutMs: number, signal: AbortSignal): Promise<void>;
}

export const createSignal = (): TopicSignal => {
  const waiting = new Map<string, Set<() => void>>();
  return {
    raise: (topic) => {
      const wakers = waiting.get(topic);
      if (!wakers) return;
      waiting.delete(topic);
      for (const wake of wakers) wake();
    },
    wait: (topic, timeoutMs, signal) =>
      new Promise((resolve) => {
        const wakers = waiting.get(topic) ?? new Set();
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
        waiting.set(topic, wakers.add(wake));
        signal.addEventListener("abort", wake, { once: true });
      }),
  };
};
