/** The last moment of the year 9999: later times have no common ISO form, and soon exceed Date. */
export const latestInstantMs = 253_402_300_799_999;

/** A smaller number of milliseconds is before March 1973, so the sender meant seconds. As seconds, this number is the year 5138. */
const leastInstantMs = 100_000_000_000;

/** Whether a number is a plausible time in milliseconds since 1970 UTC that a document can store. */
export const isInstant = (ms: number): boolean => Number.isInteger(ms) && ms >= leastInstantMs && ms <= latestInstantMs;

export interface InstantProblem {
  readonly problem: string;
  readonly fix: string;
}

const problemOf = (ms: number): InstantProblem | undefined => {
  if (ms > 0 && ms < leastInstantMs)
    return { problem: "looks like seconds since 1970, but is read as milliseconds", fix: "multiply it by 1,000, or give ISO 8601" };
  if (ms > latestInstantMs)
    return {
      problem: "is not a time in milliseconds: it lies beyond the year 9999",
      fix: "divide microseconds or nanoseconds, or give ISO 8601",
    };
  if (!Number.isInteger(ms) || ms <= 0)
    return { problem: "is not a time", fix: "give ISO 8601 with an offset, or whole milliseconds since 1970 UTC" };
  return undefined;
};

const isoForm = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})$/i;

/** Whether the calendar has this day: Date.parse reads 30 February as 2 March. */
const isOnCalendar = (date: string): boolean => new Date(`${date}T00:00:00Z`).toISOString().startsWith(date);

/** Parses a sender's time as milliseconds since 1970 UTC, or returns the problem. */
export const readInstant = (given: string | number): number | InstantProblem => {
  if (typeof given === "number") return problemOf(given) ?? given;
  const ms = isoForm.test(given) ? Date.parse(given) : Number.NaN;
  if (!Number.isNaN(ms) && !isOnCalendar(given.slice(0, "2026-11-25".length)))
    return { problem: "has a day that does not exist in its month", fix: "check the day and the month" };
  if (!Number.isNaN(ms)) return problemOf(ms) ?? ms;
  const fix = /^\d+$/.test(given)
    ? "give milliseconds as a number, without quotes, or ISO 8601 with an offset"
    : "give ISO 8601 with an offset, such as 2026-11-25T09:30:00Z";
  return { problem: "is not a time", fix };
};
