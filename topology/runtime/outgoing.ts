import type { TopicFamily } from "../topic-family.js";
import type { Codecs } from "./codecs.js";

/** A value as the record that its family's topic takes. */
export const outgoingOf = <T>(
  family: TopicFamily<T>,
  value: T,
  codecs: Codecs,
  topicOf: (member: string) => string,
): { readonly topic: string; readonly key: string; readonly value: Buffer } => {
  const codec = codecs.of(family);
  return { topic: topicOf(family.select(value)), key: codec.key(value), value: codec.encode(value) };
};
