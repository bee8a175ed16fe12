import type { Config } from "../config/schema.js";
import type { Clock } from "../stores/clock.js";
import type { EventLog } from "../stores/event-log/event-log.js";
import type { Assembly } from "./assemble.js";
import { measureLag, type TopicLag } from "./lag.js";
import { type Flow, LagHistory } from "./lag-history.js";
import type { Metrics } from "./metrics.js";

const idleEveryMs = 15_000;
const watchedEveryMs = 2_000;

/** A queue as it was last looked at. */
export interface QueueState extends TopicLag, Flow {}

export interface LagWatch {
  /** As of the last look. */
  latest(): readonly QueueState[];
  /** Looks often while somebody watches. Returns how to stop. */
  watch(): () => void;
  stop(): Promise<void>;
}

/** Of what waited before this process looked, the log itself knows how long. */
const withTrueAge = async (state: QueueState, log: Pick<EventLog, "waited">): Promise<QueueState> => {
  if (!state.older) return state;
  const waited = [...(await log.waited(state.group, state.topic)).values()];
  return { ...state, oldestMs: Math.max(state.oldestMs ?? 0, ...waited) };
};

/** Keeps the lag metrics up to date. */
export const watchLag = (
  assembly: Pick<Assembly, "topology">,
  config: Config,
  log: Pick<EventLog, "lag" | "waited">,
  metrics: Pick<Metrics, "lag" | "lagSeconds" | "troubles">,
  clock: Pick<Clock, "now">,
): LagWatch => {
  const history = new LagHistory();
  let states: readonly QueueState[] = [];
  let looking: Promise<void> | undefined;
  let watchers = 0;
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;

  const look = async (): Promise<void> => {
    try {
      const lags = await measureLag(assembly.topology, config, log);
      const at = clock.now();
      states = await Promise.all(lags.map(async (lag) => withTrueAge({ ...lag, ...history.note(lag, at) }, log)));
      for (const { group, topic, lag, oldestMs } of states) {
        metrics.lag.set({ group, topic }, lag);
        metrics.lagSeconds.set({ group, topic }, (oldestMs ?? 0) / 1_000);
      }
    } catch {
      metrics.troubles.inc({ where: "lag" });
    }
  };
  const plan = (afterMs: number): void => {
    clearTimeout(timer);
    if (stopped) return;
    timer = setTimeout(() => {
      looking = look().finally(() => {
        looking = undefined;
        plan(watchers > 0 ? watchedEveryMs : idleEveryMs);
      });
    }, afterMs);
    timer.unref();
  };
  plan(idleEveryMs);
  return {
    latest: () => states,
    watch: () => {
      watchers += 1;
      if (watchers === 1 && !looking) plan(0);
      let watching = true;
      return () => {
        if (watching) watchers -= 1;
        watching = false;
      };
    },
    stop: async () => {
      stopped = true;
      clearTimeout(timer);
      await looking;
    },
  };
};
