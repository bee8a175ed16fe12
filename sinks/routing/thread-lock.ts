/** Number of 32-bit words that a lock needs, initially 0. */
export const lockWords = 2;
/** Index of the holding thread, counted from 1, and of the number of holds so far. */
const at = { holder: 0, holds: 1 } as const;

export interface LockPatience {
  readonly sliceMs: number;
  /** A hold that does not end in so many slices belongs to a thread that has ended. */
  readonly slices: number;
}

/** Holds last microseconds. A stall of the whole process ends only one slice. */
const defaultPatience: LockPatience = { sliceMs: 100, slices: 20 };

/**
 * A lock of several threads, in shared memory. Returns a function that runs `use` while no other thread does. Calls can be nested. A thread
 * that ended in a hold, because it was terminated, keeps the others waiting for two seconds at most.
 */
export const createThreadLock = (words: Int32Array, thread: number, { sliceMs, slices } = defaultPatience): (<T>(use: () => T) => T) => {
  const own = thread + 1;
  let depth = 0;
  const acquire = (): void => {
    let silent = 0;
    for (;;) {
      const holder = Atomics.compareExchange(words, at.holder, 0, own);
      if (holder === 0) break;
      const holds = Atomics.load(words, at.holds);
      const woken = Atomics.wait(words, at.holder, holder, sliceMs);
      silent = woken === "timed-out" && Atomics.load(words, at.holds) === holds ? silent + 1 : 0;
      if (silent >= slices && Atomics.compareExchange(words, at.holder, holder, own) === holder) break;
    }
    Atomics.add(words, at.holds, 1);
  };
  const release = (): void => {
    // a thread that was taken for ended holds it no longer
    if (Atomics.compareExchange(words, at.holder, own, 0) === own) Atomics.notify(words, at.holder, 1);
  };
  return (use) => {
    if (depth === 0) acquire();
    depth += 1;
    try {
      return use();
    } finally {
      depth -= 1;
      if (depth === 0) release();
    }
  };
};
