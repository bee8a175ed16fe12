/** Results of a provider's calls within a span of time. */
export interface CallCounts {
  readonly calls: number;
  readonly failures: number;
}

const slots = 15;

/** Number of values that a window stores: calls and failures of each slot, and the number of the newest slot. */
export const windowCells = 2 * slots + 1;

const sum = (numbers: Float64Array): number => numbers.reduce((total, number) => total + number, 0);

/** Calls and failures of the last `spanMs`, in slots that expire one by one. */
export class CallWindow {
  private readonly calls: Float64Array;
  private readonly failures: Float64Array;
  private readonly newest: Float64Array;

  constructor(
    private readonly spanMs: number,
    private readonly now: () => number,
    /** `windowCells` numbers, shared by all threads of a process. */
    cells: Float64Array = new Float64Array(windowCells),
  ) {
    this.calls = cells.subarray(0, slots);
    this.failures = cells.subarray(slots, 2 * slots);
    this.newest = cells.subarray(2 * slots);
  }

  note(ok: boolean): void {
    const slot = this.advance() % slots;
    this.calls[slot] = (this.calls[slot] ?? 0) + 1;
    if (!ok) this.failures[slot] = (this.failures[slot] ?? 0) + 1;
  }

  counts(): CallCounts {
    this.advance();
    return { calls: sum(this.calls), failures: sum(this.failures) };
  }

  /** Clears expired slots and returns the index of the current slot. */
  private advance(): number {
    const current = Math.floor(this.now() / (this.spanMs / slots));
    const [newest = 0] = this.newest;
    for (let slot = Math.max(newest + 1, current - slots + 1); slot <= current; slot += 1) {
      this.calls[slot % slots] = 0;
      this.failures[slot % slots] = 0;
    }
    const latest = Math.max(newest, current);
    this.newest[0] = latest;
    return latest;
  }
}
