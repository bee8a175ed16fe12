import type { Clock } from "../../stores/clock.js";
import { startDeadline } from "../../stores/start-deadline.js";
import type { HealthPolicy } from "./provider-health.js";
import type { Slots } from "./slots.js";

/** A watch is not set for a shorter time, so that a stall extends it by at least this. */
const leastWatchMs = 1_000;

/** Watches a provider's calls for silence, while there are enough of them in flight. */
export interface SilenceWatch {
  /** Call when a call has begun. */
  began(): void;
  /** Call when a call has ended. */
  ended(): void;
}

/**
 * Calls `silent` when a provider answers too many of this thread's calls for too long, and again while that lasts. Answers may have arrived
 * while the process itself was stalled. After a stall the calls therefore get the whole time again.
 */
export const createSilenceWatch = (
  slots: Pick<Slots, "sinceOf">,
  { breaker: { failures: calls }, stallMs: forMs }: Pick<HealthPolicy, "breaker" | "stallMs">,
  clock: Clock,
  silent: () => void,
): SilenceWatch => {
  let cancel: (() => void) | undefined;
  const watch = (atLeastMs: number): void => {
    if (cancel) return;
    const sinceMs = slots.sinceOf(calls);
    if (sinceMs === undefined) return;
    const leftMs = sinceMs + forMs - clock.now();
    cancel = startDeadline(Math.max(leftMs, Math.min(atLeastMs, forMs)), clock, (stalled) => {
      cancel = undefined;
      const nowSinceMs = slots.sinceOf(calls);
      if (!stalled && nowSinceMs !== undefined && clock.now() - nowSinceMs >= forMs) silent();
      watch(stalled ? forMs : leastWatchMs);
    });
  };
  return {
    began: () => watch(leastWatchMs),
    ended: () => {
      if (slots.sinceOf(calls) !== undefined) return;
      cancel?.();
      cancel = undefined;
    },
  };
};
