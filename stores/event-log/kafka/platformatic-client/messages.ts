import { compatibilityPartitioner, type KafkaRecord, type MessageToProduce, type RecordsBatch } from "@platformatic/kafka";
import type { LogRecord, OutgoingRecord } from "../../event-log.js";

type Message = MessageToProduce<Buffer, Buffer, Buffer, Buffer>;

const bytesOf = (value: Buffer | string): Buffer => (typeof value === "string" ? Buffer.from(value) : value);

/** Murmur2 as Java and kafkajs have it: a key stays in its partition whichever client sends. */
export const partitioner = compatibilityPartitioner;

export const messagesOf = (records: readonly OutgoingRecord[]): Message[] =>
  records.map(({ topic, key, value, headers }) => ({
    topic,
    ...(key === null ? {} : { key: bytesOf(key) }),
    ...(value === null ? {} : { value }),
    ...(headers ? { headers: new Map(Object.entries(headers).map(([name, held]) => [Buffer.from(name), bytesOf(held)])) } : {}),
  }));

const headersOf = ({ headers }: KafkaRecord): Record<string, Buffer> =>
  headers.length === 0 ? {} : Object.fromEntries(headers.flatMap(([name, value]) => (name && value ? [[name.toString(), value]] : [])));

const isControl = 0b100000;

/** The records of fetched batches from `from` on, without the markers of transactions; and the offset after all of it. */
export const recordsOf = (
  topic: string,
  partition: number,
  batches: readonly RecordsBatch[],
  from: number,
): { readonly records: LogRecord[]; readonly next: number } => {
  const records: LogRecord[] = [];
  let next = from;
  for (const batch of batches) {
    const first = Number(batch.firstOffset);
    next = Math.max(next, first + batch.lastOffsetDelta + 1);
    if (batch.attributes & isControl) continue;
    for (const record of batch.records) {
      const offset = first + record.offsetDelta;
      if (offset < from) continue;
      const timestampMs = Number(batch.firstTimestamp + record.timestampDelta);
      records.push({ topic, partition, offset, key: record.key, value: record.value, headers: headersOf(record), timestampMs });
    }
  }
  return { records, next };
};
