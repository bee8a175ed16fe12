import { CarillonError } from "../../schemas/errors.js";
import type { Clock } from "../../stores/clock.js";

/** Rejects STAGE_TIMEOUT if the work has not ended `drainMs` after `signal` aborted. */
export const withDrainDeadline = <T>(
  work: Promise<T>,
  {
    signal,
    drainMs,
    clock,
    what,
  }: { readonly signal: AbortSignal; readonly drainMs: number; readonly clock: Clock; readonly what: string },
): Promise<T> =>
  new Promise((resolve, reject) => {
    let cancel = (): void => undefined;
    const drain = (): void => {
      cancel = clock.after(drainMs, () =>
        reject(new CarillonError("STAGE_TIMEOUT", `${what} did not end within ${drainMs} ms after the stop`)),
      );
    };
    signal.addEventListener("abort", drain, { once: true });
    if (signal.aborted) drain();
    work.then(resolve, reject).finally(() => {
      signal.removeEventListener("abort", drain);
      cancel();
    });
  });
