import type { Config } from "../../config/schema.js";
import type { Clock } from "../../stores/clock.js";
import type { EventLog } from "../../stores/event-log/event-log.js";
import type { Timers } from "../../stores/timers/timers.js";
import type { DeliveryParts } from "../delivery-parts.js";
import type { Metrics } from "../telemetry/metrics.js";
import { measureLag, type TopicLag } from "./lag.js";
import { LagHistory, type QueueFlow } from "./lag-history.js";

const idleEveryMs = 15_000;
const watchedEveryMs = 2_000;

/** A queue at its last sample. */
export interface QueueState extends TopicLag, QueueFlow {}

export interface LagWatch {
  /** The states at the last sample. */
  latest(): readonly QueueState[];
  /** Samples more often while a user watches. Returns a function that stops it. */
  watch(): () => void;
  stop(): Promise<void>;
}

/** For records queued before this process started sampling, the log itself has the age. */
const withTrueAge = async (state: QueueState, log: Pick<EventLog, "waited">): Promise<QueueState> => {
  if (!state.older) return state;
  const waited = await log.waited(state.group, state.topic);
  const flows = new Map(
    [...state.flows].map(([partition, flow]) => [partition, { ...flow, oldestMs: waited.get(partition) ?? flow.oldestMs }]),
  );
  return { ...state, flows, oldestMs: Math.max(state.oldestMs ?? 0, ...waited.values()) };
};

type LagMetrics = Pick<
  Metrics,
  "lag" | "lagSeconds" | "partitionLag" | "partitionLagSeconds" | "queueStalled" | "timersOverdue" | "retriedErrors"
>;

/** Keeps the lag metrics up to date. */
export const watchLag = (
  assembly: Pick<DeliveryParts, "graphs">,
  config: Config,
  log: Pick<EventLog, "lag" | "waited">,
  timers: Pick<Timers, "nextDueInMs">,
  metrics: LagMetrics,
  clock: Pick<Clock, "now">,
): LagWatch => {
  const history = new LagHistory();
  let states: readonly QueueState[] = [];
  let looking: Promise<void> | undefined;
  let watchers = 0;
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;

  /** Publishes only partitions with queued records, because there can be many. */
  const publish = ({ group, topic, lag, oldestMs, stalledMs, partitions, flows }: QueueState): void => {
    metrics.lag.set({ group, topic }, lag);
    metrics.lagSeconds.set({ group, topic }, (oldestMs ?? 0) / 1_000);
    metrics.queueStalled.set({ group, topic }, stalledMs / 1_000);
    for (const { partition, lag: own } of partitions.filter((one) => one.lag > 0)) {
      metrics.partitionLag.set({ group, topic, partition }, own);
      metrics.partitionLagSeconds.set({ group, topic, partition }, (flows.get(partition)?.oldestMs ?? 0) / 1_000);
    }
  };

  const look = async (): Promise<void> => {
    try {
      const lags = await measureLag(assembly.graphs, config, log);
      const atMs = clock.now();
      states = await Promise.all(lags.map(async (lag) => withTrueAge({ ...lag, ...history.note(lag, atMs) }, log)));
      metrics.partitionLag.reset();
      metrics.partitionLagSeconds.reset();
      for (const state of states) publish(state);
      metrics.timersOverdue.set(Math.max(0, -((await timers.nextDueInMs()) ?? 0)) / 1_000);
    } catch {
      metrics.retriedErrors.inc({ where: "lag" });
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
