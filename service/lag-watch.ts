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

/** Keeps the lag metrics up to date. */
export const watchLag = (
  assembly: Pick<Assembly, "topology">,
  config: Config,
  log: Pick<EventLog, "lag">,
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
      states = lags.map((lag) => ({ ...lag, ...history.note(lag, at) }));
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
