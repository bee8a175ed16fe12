import type { Clock } from "../clock.js";
import type { PartitionLag } from "./event-log.js";
import type { LocalLog } from "./partition-loop.js";

type Offsets = Pick<LocalLog, "partitions" | "committed">;

/** Lag of a group in each partition of an in-process log. `endOf`: the offset after a partition's last record. */
export const lagLocally = (
  log: Offsets,
  endOf: (topic: string, partition: number) => number,
  group: string,
  topic: string,
): PartitionLag[] =>
  Array.from({ length: log.partitions(topic) }, (_, partition) => {
    const end = endOf(topic, partition);
    const committed = log.committed(group, topic, partition);
    return { partition, end, committed, lag: end - committed };
  });

/** How long the group's first unread record has waited in each partition of an in-process log that has one, in milliseconds. */
export const waitedLocally = (log: Offsets & Pick<LocalLog, "read">, clock: Clock, group: string, topic: string): Map<number, number> => {
  const waiting = Array.from({ length: log.partitions(topic) }, (_, partition) => {
    const [first] = log.read(topic, partition, log.committed(group, topic, partition), 1);
    return first ? [[partition, Math.max(0, clock.now() - first.timestampMs)] as const] : [];
  });
  return new Map(waiting.flat());
};
