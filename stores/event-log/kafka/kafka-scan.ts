import { randomUUID } from "node:crypto";
import type { Admin, Kafka } from "kafkajs";
import type { LogRecord } from "../event-log.js";
import { readFetchesOurselves, recordOf } from "./kafkajs-client/read-fetches.js";

const deadlineMs = 30_000;

/** Reads a topic from its beginning to its current end, with a temporary group that is deleted afterwards. */
export const scanTopic = async (
  kafka: Kafka,
  admin: Admin,
  topic: string,
  limit: number,
  sinceMs: number,
  maxBatchBytes: number | undefined,
): Promise<LogRecord[]> => {
  readFetchesOurselves(maxBatchBytes);
  const begins = new Map(
    sinceMs > 0
      ? (await admin.fetchTopicOffsetsByTimestamp(topic, sinceMs)).map(({ partition, offset }) => [partition, Number(offset)])
      : [],
  );
  const ends = new Map(
    (await admin.fetchTopicOffsets(topic)).map(({ partition, low, high }) => [
      partition,
      { low: Math.max(Number(low), begins.get(partition) ?? 0), high: Number(high) },
    ]),
  );
  const open = new Set([...ends].filter(([, { low, high }]) => high > low).map(([partition]) => partition));
  const found: LogRecord[] = [];
  if (open.size === 0) return found;
  const groupId = `carillon-scan-${randomUUID()}`;
  const consumer = kafka.consumer({ groupId, allowAutoTopicCreation: false, maxWaitTimeInMs: 200, retry: { retries: 3 } });
  try {
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    await new Promise<void>((resolve, reject) => {
      const deadline = setTimeout(() => reject(new Error(`${topic} was not read to its end within ${deadlineMs / 1000} s`)), deadlineMs);
      const finish = (): void => {
        clearTimeout(deadline);
        resolve();
      };
      consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload }) => {
        if (Number(payload.lastOffset) + 1 >= (ends.get(payload.partition)?.high ?? 0)) open.delete(payload.partition);
        if (open.size === 0 || found.length >= limit) finish();
      });
      consumer
        .run({
          autoCommit: false,
          eachBatch: async ({ batch }) => {
            const high = ends.get(batch.partition)?.high ?? 0;
            for (const message of batch.messages) {
              if (found.length < limit && Number(message.offset) < high && Number(message.timestamp) >= sinceMs)
                found.push(recordOf(topic, batch.partition, message));
            }
          },
        })
        .catch(reject);
      for (const [partition, { low }] of ends) {
        if (begins.has(partition)) consumer.seek({ topic, partition, offset: String(low) });
      }
    });
  } finally {
    await consumer.disconnect();
    await admin.deleteGroups([groupId]).catch(() => undefined);
  }
  return found.sort((a, b) => a.partition - b.partition || a.offset - b.offset);
};
