import type { Clock } from "../clock.js";
import type { LmdbTimerTable } from "./lmdb-timer-table.js";

/** Hints at timers of the table when they fall due. */
export interface DueListener {
  /** Hints at the timers that are due now, and schedules the next look. Called once to start. */
  look(): void;
  /** Advances the next look to this time if it would come later. */
  wake(dueAtMs: number): void;
  stop(): void;
}

const hintLimit = 1_000;
/** A listener looks at least this often, so that a missed wake-up does not stall it. */
export const longestWaitMs = 1_000;

/** `closed`: aborts when the table is about to close, after which the listener reads nothing. */
export const createDueListener = (
  table: LmdbTimerTable,
  clock: Clock,
  hint: (ids: readonly string[]) => void,
  closed: AbortSignal,
): DueListener => {
  let wakeAtMs = 0;
  let cancel = (): void => undefined;
  const look = (): void => {
    if (closed.aborted) return;
    const ids = table.dueIds(clock.now(), hintLimit);
    if (ids.length > 0) hint(ids);
    const nextAtMs = table.nextAtMs(clock.now() + 1) ?? Number.MAX_SAFE_INTEGER;
    arm(Math.min(nextAtMs, clock.now() + longestWaitMs));
  };
  const arm = (atMs: number): void => {
    cancel();
    wakeAtMs = atMs;
    cancel = clock.after(Math.max(1, atMs - clock.now()), look);
  };
  return {
    look,
    wake: (dueAtMs) => {
      if (dueAtMs < wakeAtMs) arm(dueAtMs);
    },
    stop: () => cancel(),
  };
};
