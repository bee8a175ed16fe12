/** The last moment of the year 9999: beyond it times have no ISO form that others read, and soon no Date at all. */
export const latestInstantMs = 253_402_300_799_999;

/** Read as milliseconds, a smaller number lies before March 1973: it was meant as seconds. As seconds, this one is the year 5138. */
const leastInstantMs = 100_000_000_000;

/** Whether a number is a moment in milliseconds since 1970 UTC that a sender can mean and a document can hold. */
export const isInstant = (ms: number): boolean => Number.isInteger(ms) && ms >= leastInstantMs && ms <= latestInstantMs;

export interface InstantProblem {
  readonly problem: string;
  readonly fix: string;
}

const problemOf = (ms: number): InstantProblem | undefined => {
  if (ms > 0 && ms < leastInstantMs)
    return { problem: "looks like seconds since 1970, and is read as milliseconds", fix: "multiply it by 1,000, or give ISO 8601" };
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

/** Whether the calendar has the day: Date.parse reads 30 February as 2 March. */
const isOnCalendar = (date: string): boolean => new Date(`${date}T00:00:00Z`).toISOString().startsWith(date);

/** A time as a sender writes it, in milliseconds since 1970 UTC, or what is wrong with it. */
export const readInstant = (given: string | number): number | InstantProblem => {
  if (typeof given === "number") return problemOf(given) ?? given;
  const ms = isoForm.test(given) ? Date.parse(given) : Number.NaN;
  if (!Number.isNaN(ms) && !isOnCalendar(given.slice(0, "2026-11-25".length)))
    return { problem: "is a day that its month does not have", fix: "check the day and the month" };
  if (!Number.isNaN(ms)) return problemOf(ms) ?? ms;
  const fix = /^\d+$/.test(given)
    ? "give milliseconds as a number, without quotes, or ISO 8601 with an offset"
    : "give ISO 8601 with an offset, such as 2026-11-25T09:30:00Z";
  return { problem: "is not a time", fix };
};
