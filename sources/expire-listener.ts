import type { Clock } from "../stores/clock.js";
import type { EventLog } from "../stores/event-log/event-log.js";
import type { Timer, Timers } from "../stores/timers/timers.js";

export interface ExpireListenerOptions {
  /** Off: only the sweeper drives timers. */
  readonly listener: boolean;
  readonly sweepEveryMs: number;
  readonly leaseMs: number;
  /** Most timers claimed at once. */
  readonly batch: number;
}

export interface ExpireListenerDependencies {
  readonly timers: Timers;
  readonly log: Pick<EventLog, "append">;
  readonly clock: Clock;
  readonly onError: (error: unknown) => void;
  /** Told of each timer fired, how late, and by whom. */
  readonly onFired?: (latenessMs: number, by: "listener" | "sweeper") => void;
}

export interface ExpireListener {
  stop(): Promise<void>;
}

const gatherMs = 5;
/** However many timers come due, sweeps are at least this far apart. */
const leastSweepMs = 20;

/** Claimed timers become records; only then are they complete. Ended in between, their lease brings them back. */
export const fire = async (
  claimed: readonly Timer[],
  { timers, log }: Pick<ExpireListenerDependencies, "timers" | "log">,
): Promise<void> => {
  await log.append(claimed.map(({ record }) => record));
  await timers.complete(claimed.map(({ id }) => id));
};

/**
 * Turns due timers into records. The listener gives speed: hints name timers that just came due. The sweeper gives
 * certainty: it claims what is overdue, and what a claimer that ended left behind; it looks again when the next timer
 * that it knows of comes due, or after its interval.
 */
export const startExpireListener = async (
  options: ExpireListenerOptions,
  dependencies: ExpireListenerDependencies,
): Promise<ExpireListener> => {
  const { timers, clock, onError, onFired } = dependencies;
  const stopping = new AbortController();
  const hinted = new Set<string>();
  let gathering: Promise<void> | undefined;

  const fireAndNote = async (claimed: readonly Timer[], by: "listener" | "sweeper"): Promise<void> => {
    if (claimed.length === 0) return;
    await fire(claimed, dependencies);
    const now = clock.now();
    for (const { dueAtMs } of claimed) onFired?.(now - dueAtMs, by);
  };

  const gather = async (): Promise<void> => {
    await clock.sleep(gatherMs, stopping.signal);
    while (hinted.size > 0) {
      const ids = [...hinted].slice(0, options.batch);
      for (const id of ids) hinted.delete(id);
      try {
        await fireAndNote(await timers.claim(ids, options.leaseMs), "listener");
      } catch (error) {
        onError(error);
      }
    }
    gathering = undefined;
  };
  const hint = (ids: readonly string[]): void => {
    if (stopping.signal.aborted) return;
    // beyond this bound hints are dropped: the sweeper finds their timers
    for (const id of ids) if (hinted.size < options.batch * 10) hinted.add(id);
    gathering ??= gather();
  };

  /** Claims what is due; resolves with how long nothing more is known to come due. */
  const sweepOnce = async (): Promise<number> => {
    const claimed = await timers.claimDue(options.batch, options.leaseMs);
    await fireAndNote(claimed, "sweeper");
    const nextDueInMs = (await timers.nextDueInMs()) ?? Number.POSITIVE_INFINITY;
    return Math.min(Math.max(nextDueInMs, leastSweepMs), options.sweepEveryMs);
  };
  const sweep = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      const pauseMs = await sweepOnce().catch((error: unknown) => {
        onError(error);
        return options.sweepEveryMs;
      });
      await clock.sleep(pauseMs, stopping.signal);
    }
  };

  let stopListening: () => Promise<void> = async () => undefined;
  if (options.listener) {
    stopListening = await timers.listen(hint).catch((error: unknown) => {
      onError(error);
      return async () => undefined;
    });
  }
  const sweeping = sweep();
  return {
    stop: async () => {
      stopping.abort();
      await stopListening();
      await Promise.all([sweeping, gathering]);
    },
  };
};
