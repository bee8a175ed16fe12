import { CarillonError } from "../schemas/errors.js";
import { type Clock, systemClock } from "./clock.js";
import { startDeadline } from "./start-deadline.js";

/**
 * Resolves with the result of `work`. Rejects UNAVAILABLE, naming `what`, when the work exceeds the deadline. A stall of this process does
 * not count.
 */
export const withinDeadline = <T>(
  what: string,
  timeoutMs: number,
  work: Promise<T>,
  clock: Pick<Clock, "elapsed" | "after"> = systemClock,
): Promise<T> => {
  let cancel: () => void = () => undefined;
  const late = new Promise<never>((_, reject) => {
    const end = (): void => reject(new CarillonError("UNAVAILABLE", `${what} did not respond within ${timeoutMs} ms`));
    cancel = startDeadline(timeoutMs, clock, end);
  });
  return Promise.race([work, late]).finally(() => cancel());
};

/** Resolves true once the work has succeeded or failed, or false at the deadline. */
export const endedWithin = async (timeoutMs: number, work: Promise<unknown>): Promise<boolean> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), timeoutMs);
  });
  const ended = work.then(
    () => true,
    () => true,
  );
  return Promise.race([ended, late]).finally(() => clearTimeout(timer));
};
