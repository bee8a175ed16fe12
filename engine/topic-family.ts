import type { RecordType } from "../schemas/records.js";

/** One topic of a family. */
export interface TopicMember {
  /** `requests.high`, `dispatch.sms.bulk` …: without the prefix. */
  readonly name: string;
  readonly partitions: number;
  readonly lane?: string;
  readonly channel?: string;
}

/** Topics that carry one record type and differ by lane or channel. */
export interface TopicFamily<T> {
  readonly name: string;
  readonly record: RecordType<T>;
  readonly members: readonly TopicMember[];
  /** Where its topics keep records for another time, or larger ones, than others. */
  readonly keep?: { readonly retentionMs: number; readonly maxRecordBytes: number };
  /** The member that a value goes to. */
  select(value: T): string;
}

// biome-ignore lint/suspicious/noExplicitAny: families of all record types; their fit was checked where they were wired
export type AnyFamily = TopicFamily<any>;
