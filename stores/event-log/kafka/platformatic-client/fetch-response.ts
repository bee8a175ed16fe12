import { type Connection, type Reader, ResponseError } from "@platformatic/kafka";

export interface AbortedTransaction {
  readonly producerId: bigint;
  readonly firstOffset: bigint;
}

/** A broker's response for one partition, with its batches unparsed. */
export interface FetchedPartition {
  readonly partition: number;
  /** The broker's error for this partition alone; undefined if there is none. */
  readonly error: ResponseError | undefined;
  readonly aborted: readonly AbortedTransaction[];
  readonly bytes: Buffer;
}

const noBytes = Buffer.alloc(0);

/**
 * Parses the response to Fetch, versions 12 to 17: https://kafka.apache.org/protocol. The library's own parser decompresses in the socket's
 * callback, so one unreadable batch fails the fetches of all partitions. An error on one partition does the same.
 */
const parseFetch = (_correlationId: number, apiKey: number, apiVersion: number, reader: Reader): readonly FetchedPartition[] => {
  const errorOf = (code: number): ResponseError | undefined =>
    code === 0 ? undefined : new ResponseError(apiKey, apiVersion, { "": [code, null] } as never, {});
  reader.readInt32(); // throttle time
  const failed = errorOf(reader.readInt16());
  if (failed) throw failed;
  reader.readInt32(); // session
  const topics = reader.readArray((topic) => {
    if (apiVersion < 13) topic.readString();
    else topic.readUUID();
    return topic.readArray((one): FetchedPartition => {
      const partition = one.readInt32();
      const error = errorOf(one.readInt16());
      for (let skipped = 0; skipped < 3; skipped += 1) one.readInt64(); // high watermark, last stable offset, log's start
      const aborted = one.readArray((found) => ({ producerId: found.readInt64(), firstOffset: found.readInt64() }));
      one.readInt32(); // preferred replica
      const size = one.readUnsignedVarInt() - 1;
      if (size <= 0) return { partition, error, aborted: aborted ?? [], bytes: noBytes };
      const bytes = one.buffer.slice(one.position, one.position + size);
      one.skip(size);
      return { partition, error, aborted: aborted ?? [], bytes };
    });
  });
  return (topics ?? []).flat();
};

/** A connection that returns Fetch responses unparsed, in the version that client and broker negotiated. */
export const withRawFetches = (connection: Connection): Connection =>
  ({
    send: (
      ...[key, version, payload, _parser, requestTags, responseTags, callback]: Parameters<Connection["send"]>
    ): ReturnType<Connection["send"]> => connection.send(key, version, payload, parseFetch as never, requestTags, responseTags, callback),
  }) as unknown as Connection;
