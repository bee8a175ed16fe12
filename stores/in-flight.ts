import { CarillonError } from "../schemas/errors.js";
import { endedWithin } from "./deadline.js";

/** Calls in flight of a component that can be closed. A call accepted before the close runs to its end. */
export interface InFlight {
  /** Runs a call that `drain` waits for. Rejects CLOSED once draining has begun, and for calls that outlive the drain. */
  run<T>(call: () => Promise<T>): Promise<T>;
  /** Accepts no more calls. Resolves once the accepted calls have ended, at the latest after `timeoutMs`. Idempotent. */
  drain(timeoutMs: number): Promise<void>;
}

/** `what` names the component in rejections: "the client". */
export const createInFlight = (what: string): InFlight => {
  /** The function that rejects each call. */
  const calls = new Map<Promise<unknown>, (error: CarillonError) => void>();
  let draining: Promise<void> | undefined;

  const endAll = async (timeoutMs: number): Promise<void> => {
    if (await endedWithin(timeoutMs, Promise.allSettled([...calls.keys()]))) return;
    const problem = `${what} was closed before a call had ended within ${timeoutMs} ms: its outcome is unknown`;
    for (const reject of calls.values()) reject(new CarillonError("CLOSED", problem, { fix: "close it with a longer timeout" }));
  };
  return {
    run: <T>(call: () => Promise<T>): Promise<T> => {
      if (draining) return Promise.reject(new CarillonError("CLOSED", `${what} is closed`));
      return new Promise<T>((resolve, reject) => {
        const done = call();
        calls.set(done, reject);
        done.then(resolve, reject).finally(() => calls.delete(done));
      });
    },
    drain: (timeoutMs) => {
      draining ??= endAll(timeoutMs);
      return draining;
    },
  };
};
