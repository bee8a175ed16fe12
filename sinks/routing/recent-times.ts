const most = 200;
const fewest = 20;

/** Number of values stored: the times, their count, and the next index. */
export const recentTimesCells = most + 2;

/** The latest durations of something, such as a provider's answers or receipts. */
export class RecentTimes {
  private readonly times: Float64Array;
  private readonly place: Float64Array;

  /** `cells`: `recentTimesCells` numbers, shared by all threads of a process. */
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

  /** The duration that this fraction does not exceed, in milliseconds; undefined with too few values. */
  percentile(share: number): number | undefined {
    const [count = 0] = this.place;
    if (count < fewest) return undefined;
    return this.times.slice(0, count).sort()[Math.floor(count * share)];
  }

  /** Discards all durations, so that only later ones count. */
  clear(): void {
    this.place.fill(0);
  }
}
