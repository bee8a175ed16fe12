import { setImmediate } from "node:timers/promises";
import type { LogRecord } from "./event-log.js";
import type { LocalLog } from "./partition-loop.js";

const pageRecords = 1_000;

/** Records of an in-process log, page by page, partition by partition, from the beginning or from `sinceMs` to the current end. */
export const pagesLocally = async function* (
  log: Pick<LocalLog, "partitions" | "read">,
  endOf: (topic: string, partition: number) => number,
  topic: string,
  sinceMs: number,
): AsyncGenerator<readonly LogRecord[]> {
  const ends = Array.from({ length: log.partitions(topic) }, (_, partition) => endOf(topic, partition));
  for (const [partition, end] of ends.entries()) {
    for (let next = 0; next < end; ) {
      const page: readonly LogRecord[] = log.read(topic, partition, next, Math.min(pageRecords, end - next));
      const last = page.at(-1);
      if (!last) break;
      next = last.offset + 1;
      const found = page.filter(({ offset, timestampMs }) => offset < end && timestampMs >= sinceMs);
      if (found.length > 0) yield found;
      // a long scan lets the process do its other work in between
      if (next < end) await setImmediate();
    }
  }
};
