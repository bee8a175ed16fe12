import { evalExpr } from "mingo/core";
import * as accumulator from "mingo/operators/accumulator";
import * as expression from "mingo/operators/expression";
import type { Options } from "mingo/types";
import { pcrePattern } from "./pcre-pattern.js";
import { withoutExtendedSyntax } from "./regex-rules.js";
import { compareAny } from "./sort-documents.js";

/** A mingo expression. `subject`: a document, or the documents of a group. */
type Expression = (subject: unknown, argument: unknown, options: Options) => unknown;

const valueIn = (subject: unknown, argument: unknown, options: Options): unknown => evalExpr(subject as never, argument as never, options);

const isNothing = (value: unknown): boolean => value === undefined || value === null;

const comparing =
  (name: string, answer: (order: number) => unknown): Expression =>
  (subject, argument, options) => {
    if (!Array.isArray(argument) || argument.length !== 2) throw new Error(`${name} takes two values`);
    const [one, other] = argument.map((each) => valueIn(subject, each, options));
    return answer(compareAny(one, other));
  };

const isTrue = (value: unknown): boolean => !isNothing(value) && value !== false && value !== 0;

interface Switch {
  readonly branches: readonly { readonly case: unknown; readonly then: unknown }[];
  readonly default?: unknown;
}

const choose: Expression = (subject, argument, options) => {
  const { branches, ...others } = argument as Switch;
  const branch = branches.find((one) => isTrue(valueIn(subject, one.case, options)));
  if (branch) return valueIn(subject, branch.then, options);
  if (!("default" in others)) throw new Error("$switch: no branch holds, and there is no default");
  return valueIn(subject, others.default, options);
};

type Parts = (subject: never, argument: never, options: never) => unknown;

/** Null if the date is null or missing, as in a message that was not sent. */
const ofDate =
  (part: Parts): Expression =>
  (subject, argument, options) => {
    const given = valueIn(subject, argument, options);
    const isDate = given instanceof Date;
    const date = isDate || isNothing(given) ? given : (given as { readonly date?: unknown }).date;
    return isNothing(date) ? null : part(subject as never, argument as never, options as never);
  };

const dayOfYear: Expression = (...given) => expression.$dayOfYear(...(given as Parameters<typeof expression.$dayOfYear>));

/** Weeks start on Sunday; days before the first Sunday are in week 0. Source: MongoDB manual, $week. */
const week: Expression = (...given) => {
  const weekday = expression.$dayOfWeek(...(given as Parameters<typeof expression.$dayOfWeek>)) as number;
  return Math.floor(((dayOfYear(...given) as number) + 7 - weekday) / 7);
};

const isLeap = (year: number): boolean => new Date(Date.UTC(year, 1, 29)).getUTCDate() === 29;

/** The year of the week's Thursday. Source: ISO 8601. */
const isoWeekYear: Expression = (...given) => {
  const year = expression.$year(...(given as Parameters<typeof expression.$year>)) as number;
  const weekday = expression.$isoDayOfWeek(...(given as Parameters<typeof expression.$isoDayOfWeek>)) as number;
  const thursday = (dayOfYear(...given) as number) + 4 - weekday;
  if (thursday < 1) return year - 1;
  return thursday > (isLeap(year) ? 366 : 365) ? year + 1 : year;
};

const unitMs: Readonly<Record<string, number>> = { millisecond: 1, second: 1_000, minute: 60_000 };

/** Number of unit boundaries between two dates; null if either is missing. */
const dateDiff: Expression = (subject, argument, options) => {
  const { startDate, endDate, unit } = valueIn(subject, argument, options) as Readonly<Record<string, unknown>>;
  if (isNothing(startDate) || isNothing(endDate)) return null;
  const length = unitMs[String(unit)];
  if (length === undefined || !(startDate instanceof Date) || !(endDate instanceof Date))
    return expression.$dateDiff(subject as never, argument as never, options as never);
  return Math.floor(endDate.getTime() / length) - Math.floor(startDate.getTime() / length);
};

/** The values of an argument list, or the items of a single array argument. */
const listed = (subject: unknown, argument: unknown, options: Options): readonly unknown[] => {
  if (Array.isArray(argument) && argument.length !== 1) return argument.map((each) => valueIn(subject, each, options));
  const value = valueIn(subject, Array.isArray(argument) ? argument[0] : argument, options);
  return Array.isArray(value) ? value : [value];
};

/** An accumulator that is also an expression: `accumulate` handles a group's documents, `ofValues` a document's values. */
const ofBoth =
  (accumulate: Parts, ofValues: (values: readonly unknown[]) => unknown): Expression =>
  (subject, argument, options) =>
    Array.isArray(subject)
      ? accumulate(subject as never, argument as never, options as never)
      : ofValues(listed(subject, argument, options));

const foremost =
  (isBefore: (order: number) => boolean) =>
  (values: readonly unknown[]): unknown =>
    values
      .filter((value) => !isNothing(value))
      .reduce((best, value) => (best === null || isBefore(compareAny(value, best)) ? value : best), null);

const numbersOf = (values: readonly unknown[]): readonly number[] => values.filter((value) => typeof value === "number");
const sumOf = (values: readonly unknown[]): number => numbersOf(values).reduce((sum, value) => sum + value, 0);

const remainder: Expression = (subject, argument, options) => {
  const [dividend, divisor] = listed(subject, argument, options);
  return isNothing(dividend) || isNothing(divisor) ? null : expression.$mod(subject as never, argument as never, options as never);
};

const slice: Expression = (subject, argument, options) => {
  const [list] = listed(subject, argument, options);
  return isNothing(list) ? null : expression.$slice(subject as never, argument as never, options as never);
};

interface Found {
  readonly match: string;
  /** In characters. */
  readonly idx: number;
  readonly captures: readonly (string | null)[];
}

/** All matches of the argument's pattern in its input. */
const foundBy: (subject: unknown, argument: unknown, options: Options) => readonly Found[] = (subject, argument, options) => {
  const { input, regex, options: flags } = valueIn(subject, argument, options) as Readonly<Record<string, unknown>>;
  if (typeof input !== "string" || isNothing(regex)) return [];
  const [source, own] = regex instanceof RegExp ? [regex.source, regex.flags] : [String(regex), ""];
  const plain = withoutExtendedSyntax(source, typeof flags === "string" ? flags : own);
  const pattern = pcrePattern(new RegExp(plain.pattern, plain.options));
  return [...input.matchAll(new RegExp(pattern.source, `${pattern.flags}g`))].map((found) => ({
    match: found[0],
    idx: [...input.slice(0, found.index)].length,
    captures: found.slice(1).map((text) => text ?? null),
  }));
};

const dateParts: Readonly<Record<string, Parts>> = {
  $year: expression.$year as Parts,
  $month: expression.$month as Parts,
  $dayOfMonth: expression.$dayOfMonth as Parts,
  $dayOfWeek: expression.$dayOfWeek as Parts,
  $dayOfYear: expression.$dayOfYear as Parts,
  $hour: expression.$hour as Parts,
  $minute: expression.$minute as Parts,
  $second: expression.$second as Parts,
  $millisecond: expression.$millisecond as Parts,
  $isoWeek: expression.$isoWeek as Parts,
  $isoDayOfWeek: expression.$isoDayOfWeek as Parts,
  $week: week as Parts,
  $isoWeekYear: isoWeekYear as Parts,
};

/** Expressions with MongoDB's rules, where mingo's own differ: order between types, missing values, and null dates. */
export const mongoExpressions: Readonly<Record<string, Expression>> = {
  $eq: comparing("$eq", (order) => order === 0),
  $ne: comparing("$ne", (order) => order !== 0),
  $gt: comparing("$gt", (order) => order > 0),
  $gte: comparing("$gte", (order) => order >= 0),
  $lt: comparing("$lt", (order) => order < 0),
  $lte: comparing("$lte", (order) => order <= 0),
  $cmp: comparing("$cmp", Math.sign),
  $switch: choose,
  $regexMatch: (...given) => foundBy(...given).length > 0,
  $regexFind: (...given) => foundBy(...given)[0] ?? null,
  $regexFindAll: foundBy,
  ...Object.fromEntries(Object.entries(dateParts).map(([name, part]) => [name, ofDate(part)])),
  $dateDiff: dateDiff,
  $mod: remainder,
  $slice: slice,
  $max: ofBoth(
    accumulator.$max as Parts,
    foremost((order) => order > 0),
  ),
  $min: ofBoth(
    accumulator.$min as Parts,
    foremost((order) => order < 0),
  ),
  $sum: ofBoth(accumulator.$sum as Parts, sumOf),
  $avg: ofBoth(accumulator.$avg as Parts, (values) => (numbersOf(values).length === 0 ? null : sumOf(values) / numbersOf(values).length)),
};
