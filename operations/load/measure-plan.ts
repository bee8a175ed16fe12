import type { Config } from "../../config/schema.js";
import type { Clock } from "../../stores/clock.js";
import type { Stores } from "../../stores/stores.js";
import type { DeliveryParts } from "../delivery-parts.js";
import { measureLag, type TopicLag } from "../lag/lag.js";
import type { Watch } from "../watch.js";
import { type MeasuredQueue, type PartPlan, planScale } from "./scale-plan.js";
import { readLoads } from "./worker-load.js";

export interface PlanQuestion {
  /** How long a record may wait, in milliseconds. */
  readonly targetAgeMs: number;
  /** Plans for this multiple of the current input. */
  readonly peak: number;
  /** How long to measure, in milliseconds. */
  readonly forMs: number;
}

export interface MeasuredPlan {
  /** Processes that reported their load. */
  readonly workers: number;
  readonly plans: readonly PartPlan[];
}

interface Tools {
  readonly config: Config;
  readonly stores: Pick<Stores, "log" | "cells">;
  readonly assembly: Pick<DeliveryParts, "graphs">;
  readonly clock: Clock;
}

const lookEveryMs = 500;

const endOf = ({ partitions }: TopicLag): number => partitions.reduce((sum, { end }) => sum + end, 0);

/** Looks twice, since a rate takes two looks. Reports progress in seconds. */
const measure = async (
  { config, stores, assembly, clock }: Tools,
  forMs: number,
  { progress, signal }: Watch,
): Promise<MeasuredQueue[]> => {
  const look = (): Promise<readonly TopicLag[]> => measureLag(assembly.graphs, config, stores.log);
  const [beginMs, before] = [clock.now(), await look()];
  while (clock.now() - beginMs < forMs && !signal.aborted) {
    await clock.sleep(Math.min(lookEveryMs, forMs), signal);
    progress(Math.round((clock.now() - beginMs) / 1_000), Math.round(forMs / 1_000));
  }
  const [after, seconds] = [await look(), Math.max(clock.now() - beginMs, 1) / 1_000];
  return Promise.all(
    after.map(async (lag, index) => {
      const earlier = before[index];
      const waited = lag.lag > 0 ? [...(await stores.log.waited(lag.group, lag.topic)).values()] : [];
      return {
        queue: lag.queue,
        inPerSecond: earlier ? Math.max(0, endOf(lag) - endOf(earlier)) / seconds : 0,
        lag: lag.lag,
        oldestMs: waited.length === 0 ? null : Math.max(...waited),
      };
    }),
  );
};

/** Measures for a while, and plans partitions, consumers and replicas from it. */
export const measurePlan = async (tools: Tools, { targetAgeMs, peak, forMs }: PlanQuestion, watch: Watch): Promise<MeasuredPlan> => {
  const queues = await measure(tools, forMs, watch);
  const loads = await readLoads(tools.stores.cells);
  return { workers: loads.size, plans: planScale(queues, [...loads.values()], { ageMs: targetAgeMs, peak }) };
};
