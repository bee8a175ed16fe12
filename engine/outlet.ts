import { CarillonError } from "../schemas/errors.js";
import type { EventLog, OutgoingRecord } from "../stores/event-log/event-log.js";
import type { ExternalEdge } from "./builder.js";
import type { Codecs } from "./runtime/codecs.js";
import { type KeyedRecord, outgoingOf } from "./runtime/outgoing.js";
import type { TopicFamily } from "./topic-family.js";

/** Writes values to the topics of one family. */
export interface Outlet<T> {
  /** The value as a record for its topic, for a timer or to be appended with others. */
  record(value: T): KeyedRecord;
  /** Resolves once all are durable. */
  append(values: readonly T[]): Promise<void>;
}

/** Writes to topics from outside the stages, as declared in its graph. */
export interface Writer {
  /** Throws TOPOLOGY_INVALID for a family that the graph does not declare for this writer. */
  to<T>(family: TopicFamily<T>): Outlet<T>;
  /** Appends records together. Rejects TOPOLOGY_INVALID if the graph does not declare a record's topic for this writer. */
  append(records: readonly OutgoingRecord[]): Promise<void>;
}

export interface WriterDependencies {
  readonly codecs: Codecs;
  readonly topicOf: (topic: string) => string;
  readonly log: Pick<EventLog, "append">;
}

/** The only way to append records outside the runtime. Throws TOPOLOGY_INVALID for a writer that the graph does not declare. */
export const writerOf = (
  { name: graph, externals }: { readonly name: string; readonly externals: readonly ExternalEdge[] },
  name: string,
  { codecs, topicOf, log }: WriterDependencies,
): Writer => {
  const edges = externals.filter((edge) => edge.direction === "in" && edge.name === name);
  if (edges.length === 0) throw new CarillonError("TOPOLOGY_INVALID", `the graph ${graph} declares no writer ${name}`);
  // a carrier's records were made elsewhere, perhaps by a later version with other topics
  const carries = edges.some((edge) => edge.carries);
  const topics = new Set(edges.flatMap(({ family }) => family.members.map((member) => topicOf(member.name))));
  const append = async (records: readonly OutgoingRecord[]): Promise<void> => {
    const stray = carries ? undefined : records.find(({ topic }) => !topics.has(topic));
    if (stray) throw new CarillonError("TOPOLOGY_INVALID", `the graph ${graph} does not declare that ${name} writes ${stray.topic}`);
    if (records.length > 0) await log.append(records);
  };
  return {
    append,
    to: (family) => {
      if (!edges.some((edge) => edge.family === family))
        throw new CarillonError("TOPOLOGY_INVALID", `the graph ${graph} does not declare that ${name} writes ${family.name}`);
      const record = (value: Parameters<typeof family.select>[0]): KeyedRecord => outgoingOf(family, value, codecs, topicOf);
      return { record, append: (values) => append(values.map(record)) };
    },
  };
};
