import { compatibilityPartitioner, type MessageToProduce } from "@platformatic/kafka";
import type { LogRecord, OutgoingRecord } from "../../event-log.js";
import type { FetchedBatch } from "../fetch/record-batches.js";
import type { AbortedTransaction } from "./fetch-response.js";

type Message = MessageToProduce<Buffer, Buffer, Buffer, Buffer>;

const bytesOf = (value: Buffer | string): Buffer => (typeof value === "string" ? Buffer.from(value) : value);

/** Murmur2, as in Java and kafkajs: a key maps to the same partition whichever client sends it. */
export const partitioner = compatibilityPartitioner;

export const messagesOf = (records: readonly OutgoingRecord[]): Message[] =>
  records.map(({ topic, key, value, headers }) => ({
    topic,
    ...(key === null ? {} : { key: bytesOf(key) }),
    ...(value === null ? {} : { value }),
    ...(headers ? { headers: new Map(Object.entries(headers).map(([name, held]) => [Buffer.from(name), bytesOf(held)])) } : {}),
  }));

/** Type of an abort marker, which follows the version in the key of a control record. */
const abortMarker = 0;

const isAbort = ({ records }: FetchedBatch): boolean => {
  const key = records[0]?.key;
  return key !== null && key !== undefined && key.length >= 4 && key.readInt16BE(2) === abortMarker;
};

/**
 * The batches without transaction markers and aborted records. A transaction counts as aborted from its first offset to its marker, or to
 * the end of the fetched batches. (The library's own filter handles one transaction per producer, treats one without a marker as committed,
 * and throws in the socket's callback at a marker without a transaction.)
 */
const committedBatches = (batches: readonly FetchedBatch[], aborted: readonly AbortedTransaction[]): FetchedBatch[] => {
  const coming = [...aborted].sort((a, b) => Number(a.firstOffset - b.firstOffset));
  const aborting = new Set<bigint>();
  return batches.filter((batch) => {
    while (coming[0] && Number(coming[0].firstOffset) <= batch.lastOffset) aborting.add(coming.shift()?.producerId ?? -1n);
    if (!batch.isControl) return !(batch.isTransactional && aborting.has(batch.producerId));
    if (isAbort(batch)) aborting.delete(batch.producerId);
    return false;
  });
};

/** The committed records of fetched batches starting at `from`, and the offset after all of them. */
export const recordsOf = (
  topic: string,
  partition: number,
  batches: readonly FetchedBatch[],
  aborted: readonly AbortedTransaction[],
  from: number,
): { readonly records: LogRecord[]; readonly next: number } => {
  const records = committedBatches(batches, aborted).flatMap((batch) =>
    batch.records.map((record): LogRecord => ({ topic, partition, ...record })),
  );
  const next = batches.reduce((most, { lastOffset }) => Math.max(most, lastOffset + 1), from);
  return { records: records.filter(({ offset }) => offset >= from), next };
};
