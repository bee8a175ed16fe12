import type { RecordType } from "../schemas/records.js";

/** One topic of a family: its name without the prefix, and how it is consumed. */
export interface TopicMember {
  /** `requests.high`, `dispatch.sms.bulk` … */
  readonly name: string;
  readonly partitions: number;
  /** Consumers of its own in each process that runs it. */
  readonly consumers: number;
}

/** Topics that carry one record type and differ by lane or channel. */
export interface TopicFamily<T> {
  readonly name: string;
  readonly record: RecordType<T>;
  readonly members: readonly TopicMember[];
  /** The member that a value goes to. */
  select(value: T): string;
}
