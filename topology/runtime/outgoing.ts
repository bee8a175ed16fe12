import type { TopicFamily } from "../topic-family.js";
import type { Codecs } from "./codecs.js";

/** A value as the record that its family's topic takes. */
export const outgoingOf = <T>(
  family: TopicFamily<T>,
  value: T,
  codecs: Codecs,
  topicOf: (member: string) => string,
): { readonly topic: string; readonly key: string; readonly value: Buffer } => ({
  topic: topicOf(family.select(value)),
  key: family.record.key(value),
  value: codecs.of(family).encode(value),
});
