import type { Config } from "../../config/schema.js";
import type { Topology } from "../../engine/builder.js";
import type { EventLog, PartitionLag } from "../../stores/event-log/event-log.js";
import { namesOf } from "../../topology/names.js";

/** How far a group is behind in one topic. */
export interface TopicLag {
  readonly subTopology: string;
  readonly topic: string;
  readonly group: string;
  readonly consumers: number;
  readonly partitions: readonly PartitionLag[];
  readonly lag: number;
}

/** The lag of every consumed topic that exists: a look that creates nothing, on a cluster where nothing has run yet, too. */
export const measureExisting = async (
  topology: Topology,
  config: Config,
  log: Pick<EventLog, "lag" | "existing">,
): Promise<readonly TopicLag[]> => {
  const { topicOf } = namesOf(config);
  const existing = await log.existing(topology.subTopologies.flatMap(({ input }) => input.members.map(({ name }) => topicOf(name))));
  const lag: EventLog["lag"] = async (group, topic) => (existing.has(topic) ? log.lag(group, topic) : []);
  return measureLag(topology, config, { lag });
};

/** The lag of every consumed topic. */
export const measureLag = (topology: Topology, config: Config, log: Pick<EventLog, "lag">): Promise<readonly TopicLag[]> => {
  const { topicOf, groupOf } = namesOf(config);
  return Promise.all(
    topology.subTopologies.flatMap((sub) =>
      sub.input.members.map(async (member) => {
        const topic = topicOf(member.name);
        const group = groupOf(sub.name, member.name);
        const partitions = await log.lag(group, topic);
        const lag = partitions.reduce((sum, partition) => sum + partition.lag, 0);
        return { subTopology: sub.name, topic, group, consumers: member.consumers, partitions, lag };
      }),
    ),
  );
};
