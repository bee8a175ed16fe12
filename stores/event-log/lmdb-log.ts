import { isDeepStrictEqual } from "node:util";
import type { Clock } from "../clock.js";
import type { LmdbEnvironment } from "../lmdb-environment.js";
import type { ThreadSignals } from "../thread-signals.js";
import { lagLocally, waitedLocally } from "./consumer-lag.js";
import type { EventLog } from "./event-log.js";
import { existingOf } from "./existing-topics.js";
import { firstOfPages } from "./first-of-pages.js";
import { enforceRetention } from "./lmdb-retention.js";
import { openLmdbTables } from "./lmdb-tables.js";
import { createLmdbWriter } from "./lmdb-writer.js";
import { consumeLocally, type LocalLog } from "./partition-loop.js";
import { pagesLocally } from "./scan-locally.js";
import { createSharedSignal } from "./shared-signal.js";
import { refuseShrinking } from "./shrinking-topics.js";
import { watchEnds } from "./watch-ends.js";

export interface LmdbLogOptions {
  /** Interval between searches for old segments, in milliseconds. */
  readonly sweepEveryMs?: number;
  /** Signals to and from consumers in other threads of the process. */
  readonly signals?: Pick<ThreadSignals, "publish" | "subscribe"> | undefined;
}

/** A durable log in one LMDB file. Pending appends share one transaction and one sync. */
export const createLmdbLog = (environment: LmdbEnvironment, clock: Clock, options: LmdbLogOptions = {}): EventLog & LocalLog => {
  const { root, room } = environment;
  const tables = openLmdbTables(root, clock);
  const { topics, segments, offsets, partitions } = tables;
  const signal = createSharedSignal(root, options.signals);
  const writer = createLmdbWriter(tables, environment, clock, signal);
  const endRetention = enforceRetention(tables, environment, clock, options.sweepEveryMs ?? 60_000);
  const stops: (() => Promise<void>)[] = [];
  let unwatch: (() => void) | undefined;
  let closing: Promise<void> | undefined;

  const log: EventLog & LocalLog = {
    ensureTopics: async (specs) => {
      refuseShrinking(specs, partitions);
      // a start without changes writes nothing, so that it succeeds on a full disk
      const changed = specs.filter((spec) => !isDeepStrictEqual(topics.get(spec.topic), { ...spec }));
      if (changed.length === 0) return;
      await environment.transaction(() => {
        for (const spec of changed) void topics.put(spec.topic, spec);
      });
      tables.topicsChanged();
    },
    existing: async (names) => existingOf(names, partitions),
    append: (records) => writer.write(records),
    assertRoom: room.assertRoom,
    writable: room.writable,
    write: writer.write,
    partitions,
    committed: offsets.committed,
    read: segments.read,
    changed: signal.wait,
    consume: async (consume) => {
      const { group, topic } = consume;
      if (!offsets.hasJoined(group, topic)) await environment.transaction(() => offsets.join(group, topic));
      unwatch ??= watchEnds({ root, ends: segments.ends, onGrowth: signal.raise });
      const consumption = consumeLocally(log, consume, clock);
      stops.push(consumption.stop);
      return consumption;
    },
    lag: async (group, topic) => lagLocally(log, segments.endOf, group, topic),
    waited: async (group, topic) => waitedLocally(log, clock, group, topic),
    pages: (topic, sinceMs = 0) => pagesLocally(log, segments.endOf, topic, sinceMs),
    scan: (topic, limit, sinceMs) => firstOfPages(log.pages(topic, sinceMs), limit),
    close: () => {
      closing ??= (async () => {
        endRetention();
        signal.stop();
        unwatch?.();
        await Promise.all(stops.map((stop) => stop()));
        await writer.close();
      })();
      return closing;
    },
  };
  return log;
};
