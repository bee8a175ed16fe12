import type { RecordType } from "../schemas/records.js";

/** One topic of a family. */
export interface TopicMember {
  /** Without the prefix, such as `requests.high` or `dispatch.sms.bulk`. */
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
  /** Set if its topics keep records for another time, or larger ones, than other topics. */
  readonly keep?: { readonly retentionMs: number; readonly maxRecordBytes: number };
  /** The member for a value. */
  select(value: T): string;
}

// biome-ignore lint/suspicious/noExplicitAny: families of all record types; their fit was checked where they were wired
export type AnyFamily = TopicFamily<any>;
