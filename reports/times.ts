import type { CarillonError } from "../schemas/errors.js";
import type { Calendar } from "../stores/lineage-store/calendar.js";
import { refusedQuery } from "../stores/lineage-store/query/refused-query.js";
import { isoDateOf } from "./iso-date.js";

const [minuteMs, hourMs, dayMs] = [60_000, 3_600_000, 86_400_000];
const unitMs: Readonly<Record<string, number>> = { m: minuteMs, h: hourMs, d: dayMs };

const refuse = (name: string, text: string): CarillonError =>
  refusedQuery(name, `"${text}" is not a time`, "give 2026-11-21, 2026-11-21T09:30:00Z, now, today, yesterday, or -24h, -7d");

/** Refuses a time without an offset, because the machine's, the reports' and the reader's time zones may differ. */
const refuseLocal = (name: string, text: string): CarillonError =>
  refusedQuery(name, `"${text}" has no offset from UTC`, `give ${text}Z, or ${text}+05:30`);

const datePattern = /^(\d{4})-(\d{2})-(\d{2})$/;
const agoPattern = /^-(\d{1,5})([mhd])$/;

/** Start of a day in the calendar, given as 2026-11-21. */
const beginOfDate = (text: string, calendar: Calendar): Date | undefined => {
  const [, year, month, day] = datePattern.exec(text) ?? [];
  if (year === undefined) return undefined;
  const noonMs = Date.UTC(Number(year), Number(month) - 1, Number(day), 12);
  if (Number.isNaN(noonMs) || !new Date(noonMs).toISOString().startsWith(text)) return undefined;
  // in any time zone, noon of the date is within a day of noon UTC
  for (const guessMs of [noonMs, noonMs - dayMs / 2, noonMs + dayMs / 2]) {
    const begin = calendar.beginOf("day", new Date(guessMs));
    if (calendar.dateOf(begin) === text) return begin;
  }
  return undefined;
};

/** Parses an instant as people write it, with days from the calendar. Throws FILTER_REFUSED, naming the parameter. */
export const instantOf = (name: string, text: string, nowMs: number, calendar: Calendar): Date => {
  if (text === "now") return new Date(nowMs);
  const today = calendar.beginOf("day", new Date(nowMs));
  if (text === "today") return today;
  if (text === "yesterday") return calendar.beginOf("day", new Date(today.getTime() - 1));
  const [, number, unit = ""] = agoPattern.exec(text) ?? [];
  if (number !== undefined) return new Date(nowMs - Number(number) * (unitMs[unit] ?? 0));
  const iso = isoDateOf(text);
  const date = datePattern.test(text) ? beginOfDate(text, calendar) : iso?.at;
  if (!date) throw refuse(name, text);
  if (iso && !iso.hasOffset && !datePattern.test(text)) throw refuseLocal(name, text);
  return date;
};
