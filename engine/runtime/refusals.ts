import type { CarillonError } from "../../schemas/errors.js";
import type { LogRecord } from "../../stores/event-log/event-log.js";

type Place = Pick<LogRecord, "topic" | "partition" | "offset">;

const placeOf = ({ topic, partition, offset }: Place): string => `${topic}/${partition}/${offset}`;
const mostRefused = 10_000;

/**
 * Records whose outputs the log has refused permanently in a transaction. An aborted transaction does not show which record was at fault.
 * From then on each of them gets its own transaction, and a record that is refused again becomes a dead letter when it returns.
 */
export class Refusals {
  private readonly refused = new Map<string, CarillonError>();
  private readonly singlyBefore = new Map<number, number>();

  /** How many of these records may share a transaction. */
  limit(records: readonly LogRecord[]): number {
    const [first] = records;
    const before = first && this.singlyBefore.get(first.partition);
    return first && before !== undefined && first.offset < before ? 1 : records.length;
  }

  note(records: readonly LogRecord[], error: CarillonError): void {
    const [first] = records;
    const last = records.at(-1);
    if (!first || !last) return;
    if (this.refused.size >= mostRefused) this.refused.clear(); // found again at their next refusal
    if (records.length === 1) this.refused.set(placeOf(first), error);
    else this.singlyBefore.set(first.partition, last.offset + 1);
  }

  /** Why the log refused this record's outputs the last time. */
  of(record: Place): CarillonError | undefined {
    return this.refused.size === 0 ? undefined : this.refused.get(placeOf(record));
  }

  forget(record: Place): void {
    if (this.refused.size > 0) this.refused.delete(placeOf(record));
  }
}
