import { CarillonError, carillonErrorOf } from "../../schemas/errors.js";
import type { Clock } from "../clock.js";
import type { ConsumeOptions, Consumption, LogRecord, OutgoingRecord } from "./event-log.js";

/** The functions of an in-process log that its consumers use. */
export interface LocalLog {
  partitions(topic: string): number;
  committed(group: string, topic: string, partition: number): number;
  /** Records starting at `offset`, about `limit` at most. */
  read(topic: string, partition: number, offset: number, limit: number): LogRecord[];
  write(outputs: readonly OutgoingRecord[], offset?: { group: string; topic: string; partition: number; next: number }): Promise<void>;
  /** Resolves when results can be recorded, or when the signal aborts. Omitted by logs in memory, which are always writable. */
  writable?(signal: AbortSignal): Promise<void>;
  /** Resolves when the partition may have new records, after `timeoutMs`, or when the signal aborts. */
  changed(topic: string, partition: number, timeoutMs: number, signal: AbortSignal): Promise<void>;
}

/** A log wakes its consumers. They also poll, so that a missed wake-up does not stall them. */
const longestWaitMs = 30_000;

const retryPauseMs = (failures: number): number => Math.min(100 * 2 ** failures, 10_000);

const runPartition = async (
  log: LocalLog,
  options: ConsumeOptions,
  partition: number,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> => {
  const { group, topic } = options;
  let position = log.committed(group, topic, partition);
  let failures = 0;
  while (!signal.aborted) {
    try {
      const records = log.read(topic, partition, position, options.maxBatchRecords);
      if (records.length === 0) {
        await log.changed(topic, partition, longestWaitMs, signal);
        continue;
      }
      // no provider is called while its result could not be stored
      await log.writable?.(signal);
      if (signal.aborted) return;
      await options.onBatch({
        topic,
        partition,
        records,
        signal,
        progress: () => undefined,
        append: (outputs) => log.write(outputs),
        commit: async (next, outputs) => {
          // the position advances only after the commit, so that a failed batch is delivered again
          await log.write(outputs, { group, topic, partition, next });
          position = next;
        },
      });
      failures = 0;
    } catch (error) {
      options.onError(error);
      await clock.sleep(retryPauseMs(failures), signal);
      failures += 1;
    }
  }
};

/** Consumes a local log with one loop per partition. One process owns all partitions, so nothing is ever rebalanced. */
export const consumeLocally = (log: LocalLog, options: ConsumeOptions, clock: Clock): Consumption => {
  const count = log.partitions(options.topic);
  if (count === 0)
    throw new CarillonError("NOT_FOUND", `the topic ${options.topic} does not exist`, { fix: "create it with ensureTopics" });
  const stop = new AbortController();
  const loops = Array.from({ length: count }, (_, partition) => runPartition(log, options, partition, clock, stop.signal));
  let failure: { readonly error: unknown } | undefined;
  for (const loop of loops) {
    loop.catch((error: unknown) => {
      failure ??= { error };
    });
  }
  return {
    living: () => (failure || stop.signal.aborted ? 0 : options.consumers),
    trouble: () => failure && carillonErrorOf(failure.error),
    stop: async () => {
      stop.abort();
      await Promise.all(loops);
    },
  };
};
