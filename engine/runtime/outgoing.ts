import { CarillonError } from "../../schemas/errors.js";
import type { TopicFamily } from "../topic-family.js";
import type { Codecs } from "./codecs.js";

export interface KeyedRecord {
  readonly topic: string;
  readonly key: string;
  readonly value: Buffer;
}

/** Kafka's default limit for a record (1,048,588 bytes) minus the overhead of a batch. The embedded log has the same limit. */
const largestRecordBytes = 1_048_000;

/** Throws RECORD_REFUSED for a record that exceeds every log's default limit. */
export const refuseLargeRecord = ({ topic, key, value }: KeyedRecord): void => {
  const bytes = value.length + Buffer.byteLength(key);
  if (bytes <= largestRecordBytes) return;
  throw new CarillonError("RECORD_REFUSED", `a record of ${bytes} bytes is too large for ${topic}: the maximum is ${largestRecordBytes}`, {
    fix: "shorten content, metadata or variables",
  });
};

/** Encodes a value as a record for its family's topic. */
export const outgoingOf = <T>(family: TopicFamily<T>, value: T, codecs: Codecs, topicOf: (member: string) => string): KeyedRecord => {
  const codec = codecs.of(family);
  return { topic: topicOf(family.select(value)), key: codec.key(value), value: codec.encode(value) };
};
