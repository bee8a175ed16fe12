import type { LogRecord } from "../../event-log.js";

/** Records of one partition that are fetched and not yet handled. The next part is fetched while one is in flight. */
export class PartitionBuffer {
  /** Offset to fetch from. */
  fetchFrom: number;
  /** Changes when the position is reset, so that fetches in flight for the old position are discarded. */
  turn = 0;
  private waiting: LogRecord[] = [];
  /** Offset after the last record that was taken. */
  private takenTo: number;
  private wake: () => void = () => undefined;

  constructor(
    readonly partition: number,
    from: number,
    /** Aborted when the partition is revoked. */
    readonly signal: AbortSignal,
  ) {
    this.fetchFrom = from;
    this.takenTo = from;
    signal.addEventListener("abort", () => this.wake(), { once: true });
  }

  /** Whether no records are buffered. */
  get isLow(): boolean {
    return this.waiting.length === 0;
  }

  add(records: readonly LogRecord[], next: number): void {
    this.fetchFrom = next;
    if (records.length === 0) return;
    this.waiting = [...this.waiting, ...records];
    this.wake();
  }

  /** Discards the buffer and fetches again from this offset. */
  setBack(from: number): void {
    this.turn += 1;
    this.waiting = [];
    this.fetchFrom = from;
    this.takenTo = from;
  }

  /** The next records, at most `limit`; none once the signal aborts. */
  async take(limit: number): Promise<LogRecord[]> {
    while (this.waiting.length === 0 && !this.signal.aborted) {
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
    if (this.signal.aborted) return [];
    const taken = this.waiting.slice(0, limit);
    this.waiting = this.waiting.slice(limit);
    this.takenTo = (taken.at(-1)?.offset ?? this.takenTo - 1) + 1;
    return taken;
  }

  /** The offset to commit once everything before `next` is done, including the transaction markers that follow. */
  committable(next: number): number {
    return next === this.takenTo && this.isLow ? Math.max(next, this.fetchFrom) : next;
  }
}
