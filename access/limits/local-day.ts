const mostZones = 1_000;
const formatters = new Map<string, Intl.DateTimeFormat>();

const made = (timeZone: string): Intl.DateTimeFormat => {
  const parts = { year: "numeric", month: "2-digit", day: "2-digit" } as const;
  try {
    return new Intl.DateTimeFormat("en-CA", { timeZone, ...parts });
  } catch {
    // a later version, or a later release of Node.js, may know zones that this one does not
    return new Intl.DateTimeFormat("en-CA", { timeZone: "UTC", ...parts });
  }
};

/** Creating a formatter takes a thousand times longer than using it. */
const formatterOf = (timeZone: string): Intl.DateTimeFormat => {
  const known = formatters.get(timeZone);
  if (known) return known;
  if (formatters.size >= mostZones) formatters.clear();
  const formatter = made(timeZone);
  formatters.set(timeZone, formatter);
  return formatter;
};

/** The date of a time in a zone, as `2027-01-31`. */
export const dayIn = (timeZone: string, atMs: number): string => formatterOf(timeZone).format(atMs);

/** No day is longer, whatever a zone does with its clocks. */
const longestDayMs = 50 * 3_600_000;

/** When the day of a time ends in a zone, in milliseconds. Days have 23 or 25 hours where summer time begins or ends. */
export const dayEndIn = (timeZone: string, atMs: number): number => {
  const day = dayIn(timeZone, atMs);
  let [within, beyond] = [atMs, atMs + longestDayMs];
  while (beyond - within > 1) {
    const middle = Math.floor((within + beyond) / 2);
    if (dayIn(timeZone, middle) === day) within = middle;
    else beyond = middle;
  }
  return beyond;
};
