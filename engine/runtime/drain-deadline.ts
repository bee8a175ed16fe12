import { CarillonError } from "../../schemas/errors.js";
import type { Clock } from "../../stores/clock.js";
import { startDeadline } from "../../stores/start-deadline.js";
import type { BatchOptions } from "./batch-options.js";

/**
 * Calls `end` once records in flight may no longer end. Only records committed in advance belong to no other worker by then, so that a stall
 * of this process may extend their drain. Returns a function that cancels it.
 */
export const startDrain = (
  { guarantee, drainMs }: Pick<BatchOptions, "guarantee" | "drainMs">,
  clock: Clock,
  end: () => void,
): (() => void) => (guarantee === "at_most_once" ? startDeadline(drainMs, clock, end) : clock.after(drainMs, end));

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
