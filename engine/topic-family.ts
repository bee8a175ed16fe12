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
  /** The member that a value goes to. */
  select(value: T): string;
}
