/** What calls of a provider came to within a span of time. */
export interface CallCounts {
  readonly calls: number;
  readonly failures: number;
}

const slots = 15;

/** Calls and failures of the last `spanMs`, in slots that fall out one by one. */
export class CallWindow {
  private readonly calls = new Array<number>(slots).fill(0);
  private readonly failures = new Array<number>(slots).fill(0);
  private newest = 0;

  constructor(
    private readonly spanMs: number,
    private readonly now: () => number,
  ) {}

  note(ok: boolean): void {
    const slot = this.advance() % slots;
    this.calls[slot] = (this.calls[slot] ?? 0) + 1;
    if (!ok) this.failures[slot] = (this.failures[slot] ?? 0) + 1;
  }

  counts(): CallCounts {
    this.advance();
    const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
    return { calls: sum(this.calls), failures: sum(this.failures) };
  }

  /** Empties what fell out, and tells the number of the slot of now. */
  private advance(): number {
    const current = Math.floor(this.now() / (this.spanMs / slots));
    for (let slot = Math.max(this.newest + 1, current - slots + 1); slot <= current; slot += 1) {
      this.calls[slot % slots] = 0;
      this.failures[slot % slots] = 0;
    }
    this.newest = Math.max(this.newest, current);
    return this.newest;
  }
}
