/** Hour and day boundaries of a time zone. */
export interface Calendar {
  /** IANA name, such as Asia/Kolkata. */
  readonly timeZone: string;
  /** Start of the hour or day that contains the instant. */
  beginOf(unit: "hour" | "day", at: Date): Date;
  /** Start of the day after the one that contains the instant. */
  nextDay(at: Date): Date;
  /** The zone's date at the instant, such as 2026-11-21. */
  dateOf(at: Date): string;
}

const [quarterMs, hourMs, dayMs] = [900_000, 3_600_000, 86_400_000];
const mostCached = 10_000;

const floor = (ms: number, unitMs: number): number => Math.floor(ms / unitMs) * unitMs;

/** The zone's offset from UTC in milliseconds, cached by quarter of an hour: offsets change only at quarter-hour boundaries. */
const offsetsOf = (timeZone: string): ((atMs: number) => number) => {
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
  });
  const cached = new Map<number, number>();
  return (atMs) => {
    const quarter = floor(atMs, quarterMs);
    const known = cached.get(quarter);
    if (known !== undefined) return known;
    const parts = Object.fromEntries(format.formatToParts(quarter).map(({ type, value }) => [type, Number(value)]));
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0 } = parts;
    const offset = Date.UTC(year, month - 1, day, hour, minute) - quarter;
    if (cached.size >= mostCached) cached.clear();
    cached.set(quarter, offset);
    return offset;
  };
};

/** Hours and days of a time zone. Throws RangeError for an unknown name. */
export const createCalendar = (timeZone: string): Calendar => {
  const offsetAt = timeZone === "UTC" ? () => 0 : offsetsOf(timeZone);
  const beginOf: Calendar["beginOf"] = (unit, at) => {
    const atMs = at.getTime();
    const localBegin = floor(atMs + offsetAt(atMs), unit === "hour" ? hourMs : dayMs);
    // the offset may have changed since the day began
    const guess = localBegin - offsetAt(atMs);
    return new Date(localBegin - offsetAt(guess));
  };
  return {
    timeZone,
    beginOf,
    // days are between 23 and 25 hours long
    nextDay: (at) => beginOf("day", new Date(beginOf("day", at).getTime() + 26 * hourMs)),
    dateOf: (at) => new Date(at.getTime() + offsetAt(at.getTime())).toISOString().slice(0, 10),
  };
};

export const utc = createCalendar("UTC");
