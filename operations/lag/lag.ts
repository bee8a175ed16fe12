import type { Config } from "../../config/schema.js";
import type { Topology } from "../../engine/builder.js";
import { queuesOf } from "../../engine/graphs.js";
import type { Queue } from "../../engine/queue.js";
import type { EventLog, PartitionLag } from "../../stores/event-log/event-log.js";
import { namesOf } from "../../topology/names.js";

/** A group's lag in one topic. */
export interface TopicLag {
  readonly queue: Queue;
  /** Name with its prefix. */
  readonly topic: string;
  readonly group: string;
  readonly partitions: readonly PartitionLag[];
  readonly lag: number;
}

/** The lag of every consumed topic that exists. Creates nothing, even on a cluster where nothing has run yet. */
export const measureExisting = async (
  graphs: readonly Topology[],
  config: Config,
  log: Pick<EventLog, "lag" | "existing">,
): Promise<readonly TopicLag[]> => {
  const { topicOf } = namesOf(config);
  const existing = await log.existing(queuesOf(graphs).map(({ topic }) => topicOf(topic)));
  const lag: EventLog["lag"] = async (group, topic) => (existing.has(topic) ? log.lag(group, topic) : []);
  return measureLag(graphs, config, { lag });
};

/** The lag of every consumed topic. */
export const measureLag = (graphs: readonly Topology[], config: Config, log: Pick<EventLog, "lag">): Promise<readonly TopicLag[]> => {
  const { topicOf, groupOf } = namesOf(config);
  return Promise.all(
    queuesOf(graphs).map(async (queue) => {
      const topic = topicOf(queue.topic);
      const group = groupOf(queue);
      const partitions = await log.lag(group, topic);
      return { queue, topic, group, partitions, lag: partitions.reduce((sum, partition) => sum + partition.lag, 0) };
    }),
  );
};
