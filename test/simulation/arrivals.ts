import type { SimProcess } from "./process.js";

/** Wakes consumers that wait for records of a topic. */
export class Arrivals {
  private readonly waiting = new Map<string, Set<() => void>>();

  raise(topics: Iterable<string>): void {
    for (const topic of new Set(topics)) {
      const wakers = this.waiting.get(topic);
      this.waiting.delete(topic);
      for (const wake of wakers ?? []) wake();
    }
  }

  wait(topic: string, process: SimProcess, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wakers = this.waiting.get(topic) ?? new Set();
      const wake = (): void => {
        wakers.delete(wake);
        signal.removeEventListener("abort", wake);
        process.deliver(resolve);
      };
      if (signal.aborted) {
        resolve();
        return;
      }
      this.waiting.set(topic, wakers.add(wake));
      signal.addEventListener("abort", wake, { once: true });
    });
  }
}
