import type { EventLog } from "../../stores/event-log/event-log.js";
import { consumeLocally, type LocalLog } from "../../stores/event-log/partition-loop.js";
import type { Broker } from "./broker.js";
import type { SimProcess } from "./process.js";

const eventLogOf = (broker: Broker, process: SimProcess, consume: EventLog["consume"]): EventLog => {
  const { log } = broker;
  return {
    ensureTopics: (specs) => process.call("log", "ensure topics", "read", () => log.ensureTopics(specs)),
    existing: (topics) => log.existing(topics),
    append: (records) => (records.length === 0 ? Promise.resolve() : broker.append(process, records)),
    consume,
    lag: (group, topic) => log.lag(group, topic),
    waited: (group, topic) => log.waited(group, topic),
    pages: (topic, sinceMs) => log.pages(topic, sinceMs),
    scan: (topic, limit) => log.scan(topic, limit),
    close: async () => undefined,
  };
};

/** The log for a process of a cluster. */
export const clusterLog = (broker: Broker, process: SimProcess): EventLog =>
  eventLogOf(broker, process, async (options) => broker.join(process, options));

/** The log for the only process of the embedded profile: reads always succeed, and a write contains outputs and offset together. */
export const embeddedLog = (broker: Broker, process: SimProcess): EventLog => {
  const { log, arrivals } = broker;
  const local: LocalLog = {
    partitions: log.partitions,
    committed: log.committed,
    read: (topic, partition, offset, limit) => log.read(topic, partition, offset, limit).map((record) => ({ ...record })),
    write: (outputs, offset) =>
      process.call(
        "log",
        offset ? `commit ${offset.topic}/${offset.partition} to ${offset.next}` : `append ${outputs.length}`,
        "write",
        () => broker.write(outputs, offset),
      ),
    changed: (topic, _partition, _timeoutMs, signal) => arrivals.wait(topic, process, signal),
  };
  return eventLogOf(broker, process, async (options) => consumeLocally(local, options, process.clock));
};
