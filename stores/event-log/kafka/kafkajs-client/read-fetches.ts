import { createRequire } from "node:module";
import type { KafkaMessage } from "kafkajs";
import type { LogRecord } from "../../event-log.js";
import { type FetchedBatch, readBatches } from "../fetch/record-batches.js";
import type { ReadRecord } from "../fetch/record-reader.js";
import { defaultBatchBytes } from "../kafka-client.js";

/** The subset of kafkajs's response decoder that is used here. */
interface Decoder {
  readInt32(): number;
  canReadBytes(count: number): boolean;
  readBytes(count: number): Buffer;
}

const asRead = Symbol("record as read");

/** A message in the form that kafkajs's consumer needs, with its record. */
type FetchedMessage = KafkaMessage & { readonly [asRead]: ReadRecord };

const messagesOf = (batch: FetchedBatch): FetchedMessage[] => {
  const { firstOffset, lastOffset, producerId, isTransactional, isControl } = batch;
  const batchContext = { firstOffset: String(firstOffset), producerId: String(producerId), inTransaction: isTransactional };
  const message = (record: ReadRecord): FetchedMessage =>
    ({
      key: record.key,
      value: record.value,
      timestamp: String(record.timestampMs),
      attributes: 0,
      offset: String(record.offset),
      isControlRecord: isControl,
      batchContext,
      [asRead]: record,
    }) as unknown as FetchedMessage;
  if (batch.records.length > 0) return batch.records.map(message);
  // a batch that compaction has emptied: a marker moves the consumer past it
  const nothing: ReadRecord = { offset: lastOffset, key: null, value: null, headers: {}, timestampMs: 0 };
  return [{ ...message(nothing), isControlRecord: true } as unknown as FetchedMessage];
};

const decoderPath = "kafkajs/src/protocol/requests/fetch/v4/decodeMessages.js";
let mostBatchBytes: number | undefined;

/**
 * Makes kafkajs use Carillon's batch reader in this process. Its own reader supports only gzip, ends the whole consumer at a batch that it
 * cannot read, and ignores checksums. kafkajs 2.2.4 is its last version, so its module paths are stable. It loads the modules at its first
 * fetch.
 */
export const readFetchesOurselves = (maxBatchBytes = defaultBatchBytes): void => {
  const isFirst = mostBatchBytes === undefined;
  mostBatchBytes = maxBatchBytes;
  if (!isFirst) return;
  const require = createRequire(import.meta.url);
  require(decoderPath);
  const loaded = require.cache[require.resolve(decoderPath)];
  if (!loaded) throw new Error(`kafkajs has no ${decoderPath}`);
  loaded.exports = async (decoder: Decoder): Promise<FetchedMessage[]> => {
    const size = decoder.readInt32();
    if (size <= 0 || !decoder.canReadBytes(size)) return [];
    const batches = readBatches(decoder.readBytes(size), { maxBatchBytes: mostBatchBytes ?? maxBatchBytes, nowMs: Date.now() });
    return batches.flatMap(messagesOf);
  };
};

/** The record of a fetched message. */
export const recordOf = (topic: string, partition: number, message: KafkaMessage): LogRecord => ({
  topic,
  partition,
  ...(message as FetchedMessage)[asRead],
});
