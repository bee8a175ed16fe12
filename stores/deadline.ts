import { CarillonError } from "../schemas/errors.js";

/** Resolves with the result of `work`. Rejects UNAVAILABLE, naming `what`, when the work exceeds the deadline. */
export const withinDeadline = <T>(what: string, timeoutMs: number, work: Promise<T>): Promise<T> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new CarillonError("UNAVAILABLE", `${what} did not respond within ${timeoutMs} ms`)), timeoutMs);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
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
