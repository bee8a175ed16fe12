import { diagnostics, type Origin } from "../engine/diagnostics.js";
import type { Writer } from "../engine/outlet.js";
import { CarillonError } from "../schemas/errors.js";
import type { Clock } from "../stores/clock.js";
import type { Timer, Timers } from "../stores/timers/timers.js";

export interface ExpireListenerOptions {
  /** If false, only the sweeper drives timers. */
  readonly listener: boolean;
  readonly sweepEveryMs: number;
  /** The sweeper leaves timers to the listener until they have been due for this long. */
  readonly graceMs: number;
  readonly leaseMs: number;
  /** Most timers claimed at once. */
  readonly batch: number;
}

export interface ExpireListenerDependencies {
  readonly timers: Timers;
  readonly writer: Pick<Writer, "append">;
  readonly clock: Clock;
  /** The origin of these events. */
  readonly origin: Origin;
  /** Keeps a record that the log can never accept. Resolves once that is durable. */
  readonly onRefused?: (record: Timer["record"], error: CarillonError) => Promise<void>;
}

export interface ExpireListener {
  stop(): Promise<void>;
}

const gatherMs = 3;
/** Minimum interval between sweeps, however many timers come due. */
const leastSweepMs = 20;
/** Minimum interval between requests for due timers. */
const leastWakeMs = 10;
/** A store that hints by itself is swept this often at most: each wake-up costs an idle process. */
const restMs = 1_000;

const isRefusal = (error: unknown): error is CarillonError => error instanceof CarillonError && error.code === "RECORD_REFUSED";

const fireAlone = async (
  { record }: Timer,
  writer: ExpireListenerDependencies["writer"],
  onRefused: NonNullable<ExpireListenerDependencies["onRefused"]>,
): Promise<void> => {
  try {
    await writer.append([record]);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    await onRefused(record, error);
  }
};

/**
 * Appends the records of claimed timers, then completes the timers. After a crash in between, their leases expire and they are due again.
 */
export const fire = async (
  claimed: readonly Timer[],
  { timers, writer, onRefused }: Pick<ExpireListenerDependencies, "timers" | "writer" | "onRefused">,
): Promise<void> => {
  try {
    await writer.append(claimed.map(({ record }) => record));
  } catch (error) {
    if (!isRefusal(error) || !onRefused) throw error;
    for (const timer of claimed) await fireAlone(timer, writer, onRefused);
  }
  await timers.complete(claimed.map(({ id }) => id));
};

/** Fires claimed timers, and publishes how late each of them was. */
const fireAndNote = async (
  claimed: readonly Timer[],
  by: "listener" | "sweeper",
  dependencies: ExpireListenerDependencies,
): Promise<void> => {
  if (claimed.length === 0) return;
  await fire(claimed, dependencies);
  if (!diagnostics.timer.hasSubscribers) return;
  const { clock, origin } = dependencies;
  const nowMs = clock.now();
  for (const { dueAtMs } of claimed) diagnostics.timer.publish(origin, { latenessMs: nowMs - dueAtMs, by });
};

/**
 * Converts due timers to records. The listener drives them: hints name timers that just came due, and it asks the store when the next known
 * timer comes due. The sweeper guarantees them: it claims timers whose hint was lost, once they are overdue beyond the grace, and timers
 * that a claimer left behind. Without a listener the sweeper claims everything that is due.
 */
export const startExpireListener = async (
  options: ExpireListenerOptions,
  dependencies: ExpireListenerDependencies,
): Promise<ExpireListener> => {
  const { timers, clock, origin } = dependencies;
  const onError = (error: unknown): void => diagnostics.trouble.publish(origin, { where: "expire_listener", error });
  const stopping = new AbortController();
  const hinted = new Set<string>();
  let gathering: Promise<void> | undefined;
  let listens = false;

  const gather = async (): Promise<void> => {
    await clock.sleep(gatherMs, stopping.signal);
    while (hinted.size > 0) {
      const ids = [...hinted].slice(0, options.batch);
      for (const id of ids) hinted.delete(id);
      try {
        await fireAndNote(await timers.claim(ids, options.leaseMs), "listener", dependencies);
      } catch (error) {
        onError(error);
      }
    }
    gathering = undefined;
  };
  const hint = (ids: readonly string[]): void => {
    if (stopping.signal.aborted) return;
    // beyond this bound hints are dropped, and the sweeper finds their timers
    for (const id of ids) if (hinted.size < options.batch * 10) hinted.add(id);
    gathering ??= gather();
  };

  /** Repeats a step until stopped. A step resolves with the time until the next known due timer. */
  const repeat = async (leastMs: number, step: () => Promise<number | undefined>): Promise<void> => {
    while (!stopping.signal.aborted) {
      const nextMs = await step().catch((error: unknown) => {
        onError(error);
        return undefined;
      });
      const mostMs = listens && timers.hintsByItself ? Math.max(options.sweepEveryMs, restMs) : options.sweepEveryMs;
      await clock.sleep(Math.min(Math.max(nextMs ?? mostMs, leastMs), mostMs), stopping.signal);
    }
  };
  const sweep = async (): Promise<number | undefined> => {
    const claimed = await timers.claimDue(options.batch, options.leaseMs, listens ? options.graceMs : 0);
    await fireAndNote(claimed, "sweeper", dependencies);
    const nextMs = await timers.nextDueInMs();
    return nextMs === undefined || !listens ? nextMs : nextMs + options.graceMs;
  };

  let stopListening: () => Promise<void> = async () => undefined;
  if (options.listener) {
    try {
      stopListening = await timers.listen(hint);
      listens = true;
    } catch (error) {
      onError(error);
    }
  }
  const wakes = listens && !timers.hintsByItself;
  const working = [repeat(leastSweepMs, sweep), ...(wakes ? [repeat(leastWakeMs, () => timers.wake(options.batch))] : [])];
  return {
    stop: async () => {
      stopping.abort();
      await stopListening();
      await Promise.all([...working, gathering]);
    },
  };
};
