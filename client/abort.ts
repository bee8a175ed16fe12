/** Calls `end` once, when the first of the signals aborts or if one has already. Returns a function that stops listening. */
export const onAbort = (signals: readonly AbortSignal[], end: (reason: unknown) => void): (() => void) => {
  const aborted = signals.find((signal) => signal.aborted);
  if (aborted) {
    // later, so that the caller has its function first
    queueMicrotask(() => end(aborted.reason));
    return () => undefined;
  }
  const hear = (event: Event): void => {
    release();
    end((event.target as AbortSignal).reason);
  };
  const release = (): void => {
    for (const signal of signals) signal.removeEventListener("abort", hear);
  };
  for (const signal of signals) signal.addEventListener("abort", hear);
  return release;
};

/** Runs work until it ends or the signal aborts, and then rejects with the signal's reason. */
export const endWith = <T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> => {
  if (!signal) return work();
  if (signal.aborted) return Promise.reject(signal.reason);
  return new Promise<T>((resolve, reject) => {
    const release = onAbort([signal], reject);
    work().then(resolve, reject).finally(release);
  });
};
