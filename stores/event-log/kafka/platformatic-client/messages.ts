import { compatibilityPartitioner, type MessageToProduce } from "@platformatic/kafka";
import type { LogRecord, OutgoingRecord } from "../../event-log.js";
import type { FetchedBatch } from "../fetch/record-batches.js";
import type { AbortedTransaction } from "./fetch-response.js";

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

/** Type of a marker that aborts, in the key of a control record after its version. */
const abortMarker = 0;

const isAbort = ({ records }: FetchedBatch): boolean => {
  const key = records[0]?.key;
  return key !== null && key !== undefined && key.length >= 4 && key.readInt16BE(2) === abortMarker;
};

/**
 * The batches without the markers of transactions and without what was aborted: a transaction counts as aborted from its
 * first offset to its marker, or to the end of what was fetched. (The library's own filter knows one transaction of a
 * producer, takes one without a marker for committed, and throws in the socket's callback where a marker stands alone.)
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

/** The committed records of fetched batches from `from` on; and the offset after all of it. */
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
