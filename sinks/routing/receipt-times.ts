const most = 200;
const fewest = 20;

/** How long a provider's latest receipts took. */
export class ReceiptTimes {
  private readonly times: number[] = [];
  private next = 0;

  note(ms: number): void {
    this.times[this.next] = ms;
    this.next = (this.next + 1) % most;
  }

  /** Nine of ten came within this, in milliseconds; undefined while too few have come. */
  p90(): number | undefined {
    if (this.times.length < fewest) return undefined;
    return [...this.times].sort((one, other) => one - other)[Math.floor(this.times.length * 0.9)];
  }

  /** Forgets them, so that only what comes from now on counts. */
  clear(): void {
    this.times.length = 0;
    this.next = 0;
  }
}
