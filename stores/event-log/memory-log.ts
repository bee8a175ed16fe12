import { CarillonError } from "../../schemas/errors.js";
import type { Clock } from "../clock.js";
import { createArrivalSignal } from "./arrival-signal.js";
import { lagLocally, waitedLocally } from "./consumer-lag.js";
import type { EventLog, LogRecord, OutgoingRecord } from "./event-log.js";
import { existingOf } from "./existing-topics.js";
import { firstOfPages } from "./first-of-pages.js";
import { logClosed } from "./log-closed.js";
import { consumeLocally, type LocalLog } from "./partition-loop.js";
import { partitionOf } from "./partition-of.js";
import { pagesLocally } from "./scan-locally.js";
import { refuseShrinking } from "./shrinking-topics.js";

/** A log in memory, for tests and the test driver. Its records survive close; `reopen` continues with them. */
export type MemoryLog = EventLog & LocalLog & { reopen(): MemoryLog };

export const createMemoryLog = (clock: Clock): MemoryLog => {
  const topics = new Map<string, LogRecord[][]>();
  const offsets = new Map<string, number>();
  const signal = createArrivalSignal();
  let stops: (() => Promise<void>)[] = [];
  let turn = 0;
  let closed = false;
  const offsetKey = (group: string, topic: string, partition: number): string => `${group}\0${topic}\0${partition}`;
  const endOf = (topic: string, partition: number): number => topics.get(topic)?.[partition]?.length ?? 0;
  const log: MemoryLog = {
    ensureTopics: async (specs) => {
      refuseShrinking(specs, (topic) => topics.get(topic)?.length ?? 0);
      for (const { topic, partitions } of specs) {
        const existing = topics.get(topic) ?? [];
        topics.set(
          topic,
          Array.from({ length: partitions }, (_, index) => existing[index] ?? []),
        );
      }
    },
    existing: async (names) => existingOf(names, log.partitions),
    append: (records) => log.write(records),
    partitions: (topic) => topics.get(topic)?.length ?? 0,
    committed: (group, topic, partition) => offsets.get(offsetKey(group, topic, partition)) ?? 0,
    read: (topic, partition, offset, limit) => topics.get(topic)?.[partition]?.slice(offset, offset + limit) ?? [],
    write: async (outputs: readonly OutgoingRecord[], offset) => {
      if (closed) throw logClosed();
      for (const { topic, key, value, headers } of outputs) {
        const partitions = topics.get(topic);
        if (!partitions) throw new CarillonError("NOT_FOUND", `the topic ${topic} does not exist`);
        const partition = partitionOf(key, partitions.length, turn++);
        const records = partitions[partition] ?? [];
        records.push({
          topic,
          partition,
          offset: records.length,
          key: typeof key === "string" ? Buffer.from(key) : key,
          value,
          headers: Object.fromEntries(Object.entries(headers ?? {}).map(([name, held]) => [name, Buffer.from(held)])),
          timestampMs: clock.now(),
        });
        signal.raise(topic, partition);
      }
      if (offset) offsets.set(offsetKey(offset.group, offset.topic, offset.partition), offset.next);
    },
    changed: signal.wait,
    consume: async (options) => {
      const consumption = consumeLocally(log, options, clock);
      stops.push(consumption.stop);
      return consumption;
    },
    lag: async (group, topic) => lagLocally(log, endOf, group, topic),
    waited: async (group, topic) => waitedLocally(log, clock, group, topic),
    pages: (topic, sinceMs = 0) => pagesLocally(log, endOf, topic, sinceMs),
    scan: (topic, limit, sinceMs) => firstOfPages(log.pages(topic, sinceMs), limit),
    close: async () => {
      const stopping = stops;
      stops = [];
      await Promise.all(stopping.map((stop) => stop()));
      closed = true;
    },
    reopen: () => {
      closed = false;
      return log;
    },
  };
  return log;
};
