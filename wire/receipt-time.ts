import { entryOf } from "../schemas/entry-of.js";

/** A provider's format for times. */
export interface TimeForm {
  /** Time zone of times without one: UTC, an IANA name, or an offset such as +05:30. */
  readonly zone: string;
  readonly form: (typeof timeForms)[number];
}

/** `auto` accepts all forms except those with an ambiguous order of day and month. */
export const timeForms = ["auto", "seconds", "milliseconds", "compact", "day_first", "month_first"] as const;

const offset = /^([+-])(\d\d):?(\d\d)$/;

const offsetMsOf = (text: string): number | undefined => {
  const [, sign, hours, minutes] = offset.exec(text) ?? [];
  return sign ? (sign === "-" ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000 : undefined;
};

/** Whether a time zone is supported. */
export const isZone = (zone: string): boolean => {
  if (offset.test(zone)) return true;
  try {
    new Intl.DateTimeFormat("en-US", { timeZone: zone });
    return true;
  } catch {
    return false;
  }
};

/** Offset of a wall clock from UTC at an instant. */
const distanceMs = (zone: string, atMs: number): number => {
  const parts = new Intl.DateTimeFormat("en-US", {
    timeZone: zone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  }).formatToParts(atMs);
  const read = (type: string): number => Number(parts.find((part) => part.type === type)?.value);
  const wall = Date.UTC(read("year"), read("month") - 1, read("day"), read("hour"), read("minute"), read("second"));
  return wall - Math.floor(atMs / 1_000) * 1_000;
};

/** Converts a wall-clock time, given as if it were UTC, to an instant. */
const inZone = (wallMs: number, zone: string): number => {
  if (zone === "UTC") return wallMs;
  const fixed = offsetMsOf(zone);
  if (fixed !== undefined) return wallMs - fixed;
  // the second step corrects times close to a change of the offset
  return wallMs - distanceMs(zone, wallMs - distanceMs(zone, wallMs));
};

/** Undefined if a field is out of range, because Date.UTC would carry it over. */
const wallMs = (year: number, month: number, day: number, hour = 0, minute = 0, second = 0, ms = 0): number | undefined => {
  const at = Date.UTC(year, month - 1, day, hour, minute, second, ms);
  const date = new Date(at);
  const same = date.getUTCMonth() === month - 1 && date.getUTCDate() === day && hour < 24 && minute < 60 && second < 60;
  return same ? at : undefined;
};

const numbersOf = (parts: readonly (string | undefined)[]): number[] => parts.map((part) => Number(part ?? 0));

/** `YYMMDDhhmm`, optionally with seconds, or with a four-digit year and seconds. */
const compactOf = (digits: string): number | undefined => {
  const full = digits.length === 14 ? digits : `20${digits}`;
  const parts = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)?$/.exec(full);
  if (!parts) return undefined;
  const [year = 0, month = 0, day = 0, hour, minute, second] = numbersOf(parts.slice(1));
  return wallMs(year, month, day, hour, minute, second);
};

/** Seconds since 1970 have ten digits until the year 2286, milliseconds thirteen. */
const leastMilliseconds = 1e11;

/** From this year on, ten digits are read as a date: as seconds they would be after the year 2046. */
const leastCompactYear = "24";

const numberOf = (digits: string, form: TimeForm["form"]): { readonly ms: number; readonly isWall: boolean } | undefined => {
  if (form === "seconds") return { ms: Number(digits) * 1_000, isWall: false };
  if (form === "milliseconds") return { ms: Number(digits), isWall: false };
  const compact = compactOf(digits);
  const isDate = form === "compact" || digits.length !== 10 || digits.slice(0, 2) >= leastCompactYear;
  if (compact !== undefined && isDate) return { ms: compact, isWall: true };
  if (form === "compact") return undefined;
  if (digits.length === 12 || digits.length === 14) return undefined;
  const number = Number(digits);
  return { ms: number < leastMilliseconds ? number * 1_000 : number, isWall: false };
};

/** Offsets of named time zones in hours. Source: RFC 5322, 4.3. */
const namedZones: Readonly<Record<string, number>> = {
  UTC: 0,
  UT: 0,
  GMT: 0,
  Z: 0,
  EST: -5,
  EDT: -4,
  CST: -6,
  CDT: -5,
  MST: -7,
  MDT: -6,
  PST: -8,
  PDT: -7,
};
const names = Object.keys(namedZones).join("|");

/** Offset of a stated time zone, by name or as an offset. */
const statedMsOf = (stated: string): number => offsetMsOf(stated) ?? (entryOf(namedZones, stated.toUpperCase()) ?? 0) * 3_600_000;

const datePattern = new RegExp(
  "^(\\d{1,4})[-/.](\\d{1,2})[-/.](\\d{1,4})" +
    "(?:[T\\s]+(\\d{1,2}):(\\d\\d)(?::(\\d\\d)(?:[.,](\\d{1,9}))?)?)?" +
    `\\s*(${names}|[+-]\\d\\d:?\\d\\d)?$`,
  "i",
);

const orderOf = (one: number, two: number, form: TimeForm["form"]): readonly [day: number, month: number] | undefined => {
  if (form === "day_first") return [one, two];
  if (form === "month_first") return [two, one];
  if (one > 12) return [one, two];
  if (two > 12) return [two, one];
  return one === two ? [one, two] : undefined;
};

const dateOf = (parts: RegExpExecArray, { zone, form }: TimeForm): number | undefined => {
  const [, first = "", second = "", third = "", hour, minute, seconds, fraction = "0", stated] = parts;
  const time = [...numbersOf([hour, minute, seconds]), Math.floor(Number(`0.${fraction}`) * 1_000)];
  const order = first.length === 4 ? [Number(third), Number(second)] : orderOf(Number(first), Number(second), form);
  const year = Number(first.length === 4 ? first : third.length === 2 ? `20${third}` : third);
  if (!order) return undefined;
  const [day = 0, month = 0] = order;
  const wall = wallMs(year, month, day, ...time);
  if (wall === undefined || stated === undefined) return wall === undefined ? undefined : inZone(wall, zone);
  return wall - statedMsOf(stated);
};

/** Digits, with a fraction if they count seconds. */
const instantOfDigits = (digits: string, fraction: string, { zone, form }: TimeForm): number | undefined => {
  const number = numberOf(digits, form);
  if (!number) return undefined;
  const at = number.isWall ? inZone(number.ms, zone) : number.ms + Math.floor(Number(`0.${fraction}`) * 1_000);
  return at > 0 ? at : undefined;
};

const monthName = /(?:^|[^a-z])(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)/i;
const namedZone = new RegExp(`(?<=[\\s\\d])(?:${names})(?=\\s|$)`, "i");

/** Dates with the month's name and a time zone in any position: `Wed, 25 Nov 2026 03:00:00 +0000`, `Wed Nov 25 03:00:00 EST 2026`. */
const instantOfWords = (written: string, zone: string): number | undefined => {
  if (!monthName.test(written)) return undefined;
  const text = written.replace(/\s*\([^)]*\)$/, "");
  const offset = /[+-]\d\d:?\d\d$/.exec(text);
  const name = offset ? null : namedZone.exec(text);
  const parsed = Date.parse(offset ? text : `${text.replace(name?.[0] ?? "", "")} UTC`);
  if (!(parsed > 0)) return undefined;
  if (offset) return parsed;
  return name ? parsed - statedMsOf(name[0]) : inZone(parsed, zone);
};

/**
 * Parses a provider's time; undefined if it is invalid or ambiguous. A time without a zone is in the configured one, never in the process's
 * own.
 */
export const instantOf = (written: string | undefined, how: TimeForm = { zone: "UTC", form: "auto" }): number | undefined => {
  const text = written?.trim() ?? "";
  const [, digits, fraction = "0"] = /^(\d{1,16})(?:\.(\d{1,9}))?$/.exec(text) ?? [];
  if (digits) return instantOfDigits(digits, fraction, how);
  const date = datePattern.exec(text);
  return date ? dateOf(date, how) : instantOfWords(text, how.zone);
};
