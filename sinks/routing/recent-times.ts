const most = 200;
const fewest = 20;

/** How many numbers it keeps: the times, how many there are, and where the next one goes. */
export const recentTimesCells = most + 2;

/** How long the latest of something took: a provider's answers, its receipts. */
export class RecentTimes {
  private readonly times: Float64Array;
  private readonly place: Float64Array;

  /** `cells`: `recentTimesCells` numbers, which all threads of a process look at. */
  constructor(cells: Float64Array = new Float64Array(recentTimesCells)) {
    this.times = cells.subarray(0, most);
    this.place = cells.subarray(most);
  }

  note(ms: number): void {
    const [count = 0, next = 0] = this.place;
    this.times[next] = ms;
    this.place[0] = Math.min(count + 1, most);
    this.place[1] = (next + 1) % most;
  }

  /** This share of them took no longer, in milliseconds; undefined while too few have come. */
  percentile(share: number): number | undefined {
    const [count = 0] = this.place;
    if (count < fewest) return undefined;
    return this.times.slice(0, count).sort()[Math.floor(count * share)];
  }

  /** Forgets them, so that only what comes from now on counts. */
  clear(): void {
    this.place.fill(0);
  }
}
