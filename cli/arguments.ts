import { InvalidArgumentError } from "commander";
import { tenantProblem } from "../channels/one-line.js";
import { readInstant } from "../client/instant.js";

/** A time, in milliseconds since 1970 UTC. */
export const instant = (text: string): number => {
  const read = readInstant(/^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00:00Z` : text);
  if (typeof read !== "number")
    throw new InvalidArgumentError(`It ${read.problem}: give a time such as 2026-11-22T08:00:00Z or 2026-11-22.`);
  return read;
};

/** A number above 0 and at most `most`. */
export const positive =
  (most: number) =>
  (text: string): number => {
    const number = Number(text);
    if (!(number > 0 && number <= most)) throw new InvalidArgumentError(`It must be a number above 0 and at most ${most}.`);
    return number;
  };

/** A whole number from 1 to `most`. */
export const wholeAbove0 =
  (most = 999_999_999) =>
  (text: string): number => {
    if (!/^[1-9]\d{0,8}$/.test(text) || Number(text) > most) throw new InvalidArgumentError(`It must be a whole number from 1 to ${most}.`);
    return Number(text);
  };

const durationForm = /^(\d+(?:\.\d+)?)(ms|s|m|min|h)?$/;
const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, min: 60_000, h: 3_600_000 };

/** The forms that `duration` takes, for the description of an option. */
export const durationForms = "500ms, 10s, 2min or 1h; without a unit, seconds";

/** A duration from 1 to `mostMs` milliseconds, as whole milliseconds. */
export const duration =
  (mostMs: number) =>
  (text: string): number => {
    const [, number, unit = "s"] = durationForm.exec(text) ?? [];
    const ms = Math.round(Number(number) * (unitMs[unit] ?? Number.NaN));
    if (!(ms >= 1)) throw new InvalidArgumentError(`Give a duration: ${durationForms}.`);
    if (ms > mostMs) throw new InvalidArgumentError(`It is ${ms / 1_000} s: give at most ${mostMs / 1_000} s, as ${durationForms}.`);
    return ms;
  };

export const notEmpty = (text: string): string => {
  if (text.trim() === "") throw new InvalidArgumentError("It is empty.");
  return text;
};

/** A tenant's name, by the rules of a message's own `tenant`. */
export const tenantName = (text: string): string => {
  const problem = tenantProblem(text);
  if (problem !== undefined) throw new InvalidArgumentError(`It ${problem}.`);
  return text;
};

/** A message's time. Digits alone are milliseconds, because shells and CSV files have no numbers. */
export const instantText = (text: string): string | number => (/^\d+$/.test(text.trim()) ? Number(text) : text);
