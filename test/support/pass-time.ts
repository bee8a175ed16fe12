import { setImmediate as turn } from "node:timers/promises";
import type { VirtualClock } from "../../stores/virtual-clock.js";

/** Runs everything that waits for no clock: promises, and their consequences. */
export const settled = async (): Promise<void> => {
  await turn();
  await turn();
};

/** Moves the clock by `ms` in steps. Between two steps everything runs that has become possible. */
export const passTime = async (clock: VirtualClock, ms: number, stepMs = 1): Promise<void> => {
  await settled();
  for (let passedMs = 0; passedMs < ms; passedMs += stepMs) {
    clock.advance(Math.min(stepMs, ms - passedMs));
    await settled();
  }
};

/** Moves the clock until the work ends, with the work's result. Rejects if it takes longer than `mostMs` on that clock. */
export const whileTimePasses = async <T>(clock: VirtualClock, work: Promise<T>, mostMs = 60_000, stepMs = 1): Promise<T> => {
  let ended = false;
  const end = (): void => {
    ended = true;
  };
  work.then(end, end);
  await settled();
  for (let passedMs = 0; !ended && passedMs < mostMs; passedMs += stepMs) await passTime(clock, stepMs, stepMs);
  if (!ended) throw new Error(`the work did not end within ${mostMs} ms of the virtual clock`);
  return work;
};
