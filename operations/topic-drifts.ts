import type { EventLog, TopicDrift, TopicSpec } from "../stores/event-log/event-log.js";

/** The effect of one setting on all topics that have it. */
export interface SharedDrift extends Omit<TopicDrift, "topic"> {
  readonly topics: readonly string[];
}

/** Groups drifts by setting and effect: a broker default affects every topic. */
export const sharedDrifts = (drifts: readonly TopicDrift[]): readonly SharedDrift[] => {
  const shared = new Map<string, SharedDrift>();
  for (const { topic, ...drift } of drifts) {
    const kind = `${drift.setting} ${drift.value} ${drift.effect}`;
    shared.set(kind, { ...drift, topics: [...(shared.get(kind)?.topics ?? []), topic] });
  }
  return [...shared.values()];
};

export const wordsOf = ({ topics, setting, value, effect }: SharedDrift): string =>
  `${setting} is ${value} on ${topics.join(", ")}: ${effect}`;

/** The command that fixes it, for a POSIX shell. */
export const commandOf = ({ topics, setting, needed }: SharedDrift, brokers: readonly string[]): string => {
  const alter = (topic: string): string =>
    `kafka-configs --bootstrap-server ${brokers.join(",")} --alter --entity-type topics --entity-name ${topic} --add-config ${setting}=${needed}`;
  return topics.length === 1 ? alter(topics.join()) : `for topic in ${topics.join(" ")}; do ${alter('"$topic"')}; done`;
};

export const harmfulSettings = "topics have settings that lose or reject records; carillon doctor prints the commands to change them";

/**
 * The settings of these topics that lose or refuse records, one per line. Empty if there are none, or if they cannot be read, which doctor
 * reports.
 */
export const harmOf = async (log: Pick<EventLog, "drifts">, topics: readonly TopicSpec[]): Promise<readonly string[]> => {
  try {
    const drifts = (await log.drifts?.(topics)) ?? [];
    return sharedDrifts(drifts.filter(({ harmful }) => harmful)).map(wordsOf);
  } catch {
    return [];
  }
};
