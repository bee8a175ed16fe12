import type { Config } from "../../config/schema.js";
import type { DeadLetters } from "../../operations/dead-letters/dead-letters.js";
import type { LagWatch } from "../../operations/lag/lag-watch.js";
import { readConsumers } from "../../operations/load/consumer-watch.js";
import { type ProviderState, providerStates } from "../../operations/provider-states.js";
import type { HealthSnapshots } from "../../sinks/routing/health-exchange.js";
import type { WatchedRouting } from "../../sinks/routing/routing.js";
import type { Cells } from "../../stores/cells/cells.js";
import type { Clock } from "../../stores/clock.js";
import type { LiveView, ProviderPoint, ProviderView, QueueView } from "./views.js";

export interface LiveDependencies {
  readonly config: Config;
  readonly cells: Pick<Cells, "all">;
  readonly lags: LagWatch;
  readonly routing: Pick<WatchedRouting, "health">;
  readonly deadLetters: Pick<DeadLetters, "pages">;
  readonly clock: Pick<Clock, "now">;
}

export interface Live {
  /** Calls the function with the current state, now and every two seconds, until unsubscribed. */
  subscribe(listener: (view: LiveView) => void): () => void;
  stop(): void;
}

const everyMs = 2_000;
const historyMs = 15 * 60_000;
/** Reading dead letters is expensive, so they are counted at this interval. */
const countLettersEveryMs = 30_000;
/** Counting ends here. */
const mostLetters = 10_000;

const queueViews = async ({ cells, lags }: Pick<LiveDependencies, "cells" | "lags">): Promise<QueueView[]> => {
  const living = await readConsumers(cells);
  return lags.latest().map(({ queue, partitions, lag, inPerSecond, outPerSecond, oldestMs }) => {
    const { name, sub: subTopology, topic, lane, begins } = queue;
    const flow = { partitions: partitions.length, consumers: living.get(name) ?? 0, lag, inPerSecond, outPerSecond, oldestMs };
    return { subTopology, topic, lane, begins, ...flow };
  });
};

/**
 * The number of pending dead letters, at most `countLettersEveryMs` old. Settled letters stay settled, so a count begins at the first letter
 * that was pending at the previous one.
 */
const createLetterCount = (deadLetters: LiveDependencies["deadLetters"]) => {
  let letters = { count: 0, atMs: Number.NEGATIVE_INFINITY };
  let firstPendingMs = 0;
  const count = async (now: number): Promise<number> => {
    let pending = 0;
    let earliestMs = now;
    for await (const page of deadLetters.pages({ state: "pending", sinceMs: firstPendingMs })) {
      for (const { letter } of page) earliestMs = Math.min(earliestMs, letter.at);
      pending += page.length;
      if (pending >= mostLetters) break;
    }
    firstPendingMs = earliestMs;
    return Math.min(pending, mostLetters);
  };
  return async (now: number): Promise<number> => {
    if (now - letters.atMs >= countLettersEveryMs) {
      letters = { count: letters.count, atMs: now };
      letters = { count: await count(now), atMs: now };
    }
    return letters.count;
  };
};

/** Adds to each provider's state its recent history, which grows by one point with each call. */
const createHistories = () => {
  const histories = new Map<string, ProviderPoint[]>();
  return (state: ProviderState, at: number): ProviderView => {
    const key = `${state.channel}/${state.name}`;
    const history = (histories.get(key) ?? []).filter((point) => point.at > at - historyMs);
    if (state.health) {
      const { calls, failures, responseP50Ms, responseP95Ms, share } = state.health;
      history.push({ at, errorShare: calls === 0 ? null : failures / calls, responseP50Ms, responseP95Ms, share });
    }
    histories.set(key, history);
    return { ...state, history };
  };
};

/** One measurement serves all subscribers. Without subscribers nothing is measured. */
export const createLive = ({ config, cells, lags, routing, deadLetters, clock }: LiveDependencies): Live => {
  const subscribers = new Set<(view: LiveView) => void>();
  const countLetters = createLetterCount(deadLetters);
  const withHistory = createHistories();
  let timer: NodeJS.Timeout | undefined;
  let unwatch: (() => void) | undefined;
  let latest: LiveView | undefined;

  const ownReports = (): HealthSnapshots =>
    Object.fromEntries(routing.health().map(({ channel, provider, health }) => [`${channel}/${provider}`, health]));
  const look = async (): Promise<LiveView> => {
    const at = clock.now();
    const [states, waiting] = await Promise.all([
      providerStates(config, cells, { instance: config.instance, reports: ownReports() }),
      countLetters(at),
    ]);
    const providers = states.map((state) => withHistory(state, at));
    return { at, queues: await queueViews({ cells, lags }), providers, deadLetters: waiting };
  };
  const turn = async (): Promise<void> => {
    try {
      latest = await look();
      for (const listener of subscribers) listener(latest);
    } catch {
      // a failed measurement is repeated in two seconds; the page shows the age of its view
    }
    if (subscribers.size > 0) timer = setTimeout(turn, everyMs).unref();
  };
  const rest = (): void => {
    clearTimeout(timer);
    unwatch?.();
    unwatch = undefined;
  };
  return {
    subscribe: (listener) => {
      subscribers.add(listener);
      if (latest && clock.now() - latest.at < everyMs * 2) listener(latest);
      if (!unwatch) {
        unwatch = lags.watch();
        void turn();
      }
      return () => {
        subscribers.delete(listener);
        if (subscribers.size === 0) rest();
      };
    },
    stop: () => {
      subscribers.clear();
      rest();
    },
  };
};
