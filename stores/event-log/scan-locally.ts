import type { LogRecord } from "./event-log.js";
import type { LocalLog } from "./partition-loop.js";

const pageRecords = 1_000;

/** Records of an in-process log, partition by partition, from the beginning or from `sinceMs`; at most `limit`. */
export const scanLocally = (log: Pick<LocalLog, "partitions" | "read">, topic: string, limit: number, sinceMs: number): LogRecord[] => {
  const found: LogRecord[] = [];
  for (let partition = 0; partition < log.partitions(topic) && found.length < limit; partition += 1) {
    for (let next: number | undefined = 0; next !== undefined && found.length < limit; ) {
      const page: LogRecord[] = log.read(topic, partition, next, pageRecords);
      found.push(...page.filter(({ timestampMs }) => timestampMs >= sinceMs).slice(0, limit - found.length));
      const last = page.at(-1);
      next = last && last.offset + 1;
    }
  }
  return found;
};
