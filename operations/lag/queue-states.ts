import type { Config } from "../../config/schema.js";
import type { PartitionLag } from "../../stores/event-log/event-log.js";
import type { Stores } from "../../stores/stores.js";
import type { DeliveryParts } from "../delivery-parts.js";
import { readConsumers } from "../load/consumer-watch.js";
import { measureExisting } from "./lag.js";

/** The current state of a queue, as plain data. */
export interface QueueState {
  readonly subTopology: string;
  /** Name with its prefix. */
  readonly topic: string;
  readonly group: string;
  /** Over all processes. */
  readonly consumers: number;
  readonly partitions: readonly PartitionLag[];
  readonly lag: number;
  /** Age of the oldest queued record of each partition, in milliseconds. */
  readonly oldestMs: Readonly<Record<string, number>>;
}

/** The state of every queue. Reads only, and creates nothing. */
export const queueStates = async (
  config: Config,
  { graphs }: Pick<DeliveryParts, "graphs">,
  { log, cells }: Pick<Stores, "log" | "cells">,
): Promise<readonly QueueState[]> => {
  const [lags, living] = await Promise.all([measureExisting(graphs, config, log), readConsumers(cells)]);
  return Promise.all(
    lags.map(async ({ queue, topic, group, partitions, lag }): Promise<QueueState> => {
      const waited = lag > 0 ? await log.waited(group, topic) : new Map<number, number>();
      const consumers = living.get(queue.name) ?? 0;
      return { subTopology: queue.sub, topic, group, consumers, partitions, lag, oldestMs: Object.fromEntries(waited) };
    }),
  );
};
