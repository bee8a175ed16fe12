const most = 200;
const fewest = 20;

/** How long the latest of something took: a provider's answers, its receipts. */
export class RecentTimes {
  private readonly times: number[] = [];
  private next = 0;

  note(ms: number): void {
    this.times[this.next] = ms;
    this.next = (this.next + 1) % most;
  }

  /** This share of them took no longer, in milliseconds; undefined while too few have come. */
  percentile(share: number): number | undefined {
    if (this.times.length < fewest) return undefined;
    return [...this.times].sort((one, other) => one - other)[Math.floor(this.times.length * share)];
  }

  /** Forgets them, so that only what comes from now on counts. */
  clear(): void {
    this.times.length = 0;
    this.next = 0;
  }
}
