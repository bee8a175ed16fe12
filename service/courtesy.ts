/** How many records of one partition may be in hand now, at most `concurrency`. */
export interface Courtesy {
  limit(concurrency: number): number;
  stop(): void;
}

const everyMs = 10;
/** A process that comes to a timer later than this has too much in hand for what is urgent. */
const busyMs = 4;
/** Nothing starves: this share of the concurrency, and at least so many, always go on. */
const floorShare = 1 / 16;
const floorRecords = 4;
const [shrink, grow] = [0.7, 0.05];

/**
 * Lets lanes that can wait take less in hand while the process is busy. All lanes of a process share its one thread:
 * each step of an urgent record waits for one step of everything in hand. Fewer in hand cost a busy process no
 * throughput; while it waits for providers rather than works, the whole concurrency is used.
 */
export const createCourtesy = (): Courtesy => {
  let share = 1;
  let dueMs = performance.now() + everyMs;
  const timer = setInterval(() => {
    const now = performance.now();
    const isBusy = now - dueMs > busyMs;
    dueMs = now + everyMs;
    share = isBusy ? Math.max(floorShare, share * shrink) : Math.min(1, share + grow);
  }, everyMs);
  timer.unref();
  return {
    limit: (concurrency) => Math.min(concurrency, Math.max(floorRecords, Math.ceil(concurrency * share))),
    stop: () => clearInterval(timer),
  };
};
