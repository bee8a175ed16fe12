/** Runs work in turn, or rejects with `late()` if its turn has not come within `waitMs`. */
export type InTurn = <T>(work: () => Promise<T>, waitMs: number, late: () => Error) => Promise<T>;

/** Work whose turn comes with less of its time left would only be cut off. */
const leastLeftMs = 10;

/** Limits concurrent work. Further work waits for its turn, in order of arrival. */
export const createTurns = (most: number): InTurn => {
  /** Each begins its work, or returns false if it is too late. */
  const waiting = new Set<() => boolean>();
  let running = 0;
  const turn = (waitMs: number, late: () => Error): Promise<void> =>
    new Promise((resolve, reject) => {
      const endMs = Date.now() + waitMs;
      const leave = (): void => {
        waiting.delete(begin);
        clearTimeout(timer);
      };
      const giveUp = (): void => {
        leave();
        reject(late());
      };
      const begin = (): boolean => {
        const inTime = endMs - Date.now() >= leastLeftMs;
        if (!inTime) giveUp();
        else {
          leave();
          resolve();
        }
        return inTime;
      };
      const timer = setTimeout(giveUp, waitMs);
      // the requests in flight keep the process alive
      timer.unref();
      waiting.add(begin);
    });
  const passOn = (): void => {
    for (const begin of waiting) if (begin()) return;
    running -= 1;
  };
  return async (work, waitMs, late) => {
    if (running < most) running += 1;
    else await turn(waitMs, late);
    try {
      return await work();
    } finally {
      passOn();
    }
  };
};
