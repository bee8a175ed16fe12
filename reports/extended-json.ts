import { parse as parseShell } from "@mongodb-js/shell-bson-parser";
import { BSONRegExp, EJSON, Long } from "bson";
import { type CarillonError, messageOf } from "../schemas/errors.js";
import { refusedQuery } from "../stores/lineage-store/query/refused-query.js";
import { withoutExtendedSyntax } from "../stores/lineage-store/query/regex-rules.js";
import { isoDateOf } from "./iso-date.js";

/**
 * The format of documents. relaxed: dates as `{"$date": "2026-…Z"}` and plain numbers. strict: dates as `{"$date": milliseconds}`.
 * canonical: every type explicit.
 */
export type JsonMode = "relaxed" | "strict" | "canonical";

const example = 'give extended JSON, such as {"status":"failed","acceptedAt":{"$gte":{"$date":"2026-11-21T00:00:00Z"}}}';

const refuse = (what: string, problem: string, cause?: unknown): CarillonError => refusedQuery(what, problem, example, cause);

type Fields = Readonly<Record<string, unknown>>;

/** A pattern in a list stays a RegExp, because operators are not allowed there. */
const patternOf = (what: string, pattern: unknown, options: unknown, inList: boolean): unknown => {
  if (typeof pattern !== "string" || (options !== undefined && typeof options !== "string"))
    throw refuse(what, "a pattern and its options are not strings");
  const plain = withoutExtendedSyntax(pattern, options ?? "");
  if (!inList) return { $regex: plain.pattern, ...(plain.options ? { $options: plain.options } : {}) };
  try {
    return new RegExp(plain.pattern, plain.options);
  } catch (error) {
    throw refuse(what, `the pattern ${pattern} is not a regular expression: ${messageOf(error)}`, error);
  }
};

const wholeNumber = /^[+-]?\d{1,19}$/;

/** A time in ISO 8601, in UTC without an offset as in MongoDB's shell, or in milliseconds since 1970. */
const timeOf = (value: unknown): Date | undefined => {
  if (typeof value === "string") return isoDateOf(value)?.at;
  if (typeof value === "number") return new Date(value);
  const long = (value as Fields | null)?.$numberLong;
  return typeof long === "string" && wholeNumber.test(long) ? new Date(Number(long)) : undefined;
};

const dateOf = (what: string, value: unknown): Date => {
  const at = timeOf(value);
  if (at === undefined || Number.isNaN(at.getTime()))
    throw refuse(what, `$date: ${JSON.stringify(value)} is not a date in ISO 8601, such as 2026-11-21T00:00:00Z`);
  return at;
};

const mostInt = 2 ** 31;
const mostLong = 2 ** 63;

const wholeOf = (what: string, type: string, value: unknown, most: number): number => {
  const number = typeof value === "string" && wholeNumber.test(value) ? Number(value) : Number.NaN;
  if (!(number >= -most && number < most)) throw refuse(what, `${type}: ${JSON.stringify(value)} is not a number of this type in a string`);
  return number;
};

const doubleOf = (what: string, value: unknown): number => {
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : Number.NaN;
  if (!Number.isFinite(number)) throw refuse(what, `$numberDouble: ${JSON.stringify(value)} is not a number in a string`);
  return number;
};

/** Single-field objects that represent a value. Source: MongoDB Extended JSON v2. */
const wrappers: Readonly<Record<string, (what: string, value: unknown, inList: boolean) => unknown>> = {
  $date: dateOf,
  $numberInt: (what, value) => wholeOf(what, "$numberInt", value, mostInt),
  $numberLong: (what, value) => wholeOf(what, "$numberLong", value, mostLong),
  $numberDouble: (what, value) => doubleOf(what, value),
  $regularExpression: (what, value, inList) => {
    const { pattern, options, ...others } = (value ?? {}) as Fields;
    if (Object.keys(others).length > 0) throw refuse(what, "$regularExpression takes only pattern and options");
    return patternOf(what, pattern, options, inList);
  },
};

const unstored = new Set(
  "oid binary uuid timestamp numberDecimal code scope symbol undefined minKey maxKey dbPointer ref".split(" ").map((name) => `$${name}`),
);

const objectOf = (what: string, value: Fields, inList: boolean): unknown => {
  const names = Object.keys(value);
  const [name = ""] = names;
  const foreign = names.find((one) => unstored.has(one));
  if (foreign !== undefined) throw refuse(what, `${foreign}: Carillon's documents hold no value of this type`);
  const wrapper = Object.hasOwn(wrappers, name) ? wrappers[name] : undefined;
  if (wrapper && names.length > 1) throw refuse(what, `${name} cannot be combined with ${names.slice(1).join(", ")}`);
  if (wrapper) return wrapper(what, value[name], inList);
  const { $regex, $options, ...others } = value;
  const pattern = $regex === undefined ? {} : (patternOf(what, ...sourceOf($regex, $options), false) as Fields);
  const options = $regex === undefined && $options !== undefined ? { $options } : {};
  const plain = Object.entries(others).map(([key, inner]) => [key, plainOf(what, inner, false)] as const);
  return { ...pattern, ...options, ...Object.fromEntries(plain) };
};

const isPattern = (value: unknown): value is BSONRegExp | RegExp => value instanceof BSONRegExp || value instanceof RegExp;

const sourceOf = (pattern: unknown, options: unknown): readonly [unknown, unknown] => {
  if (pattern instanceof BSONRegExp) return [pattern.pattern, options ?? pattern.options];
  return pattern instanceof RegExp ? [pattern.source, options ?? pattern.flags] : [pattern, options];
};

const plainOf = (what: string, value: unknown, inList: boolean): unknown => {
  if (Array.isArray(value)) return value.map((item) => plainOf(what, item, true));
  if (typeof value === "number" && !Number.isFinite(value)) throw refuse(what, `${value} is not a number in JSON`);
  if (value === undefined) throw refuse(what, "undefined is not a value");
  if (value === null || typeof value !== "object") return value;
  if (value instanceof Date) return dateOf(what, value.getTime());
  if (isPattern(value)) return patternOf(what, ...sourceOf(value, undefined), inList);
  // NumberLong, NumberInt and Double of MongoDB's shell
  if (Long.isLong(value)) return value.toNumber();
  if ("_bsontype" in value && (value._bsontype === "Int32" || value._bsontype === "Double")) return plainOf(what, value.valueOf(), inList);
  if ("_bsontype" in value) throw refuse(what, `holds a value of type ${String(value._bsontype)}, which no document has`);
  return objectOf(what, value as Fields, inList);
};

/** A quoted string, or a pattern between slashes. */
const literals = /"(?:[^"\\]|\\[\s\S])*"|'(?:[^'\\]|\\[\s\S])*'|\/(?:[^/\\\n]|\\.)+\//g;
/** A backslash that JavaScript drops silently: "\d" is "d". */
const lostBackslash = /^(?:[^\\]|\\[bfnrtvux0'"\\/\n])*?\\([^bfnrtvux0'"\\/\n])/;

/**
 * In the shell, `new Date("…")` without an offset is in the machine's time zone, which is unrelated to the analyst's. It is read as UTC
 * here.
 */
const datesInUtc = (text: string): string => text.replace(/\bnew\s+Date\(\s*(?=["'])/g, "ISODate(");

const parseShellText = (what: string, text: string): unknown => {
  for (const [literal] of text.matchAll(literals)) {
    const [, letter] = literal.startsWith("/") ? [] : (lostBackslash.exec(literal) ?? []);
    if (letter !== undefined) throw refuse(what, `is not JSON: \\${letter} is not a valid escape in a string; write \\\\${letter}`);
  }
  let parsed: unknown;
  try {
    parsed = parseShell(datesInUtc(text));
  } catch (error) {
    const [problem = ""] = messageOf(error).split(" in (");
    throw refuse(what, `is not JSON: ${problem.replace(/ \(\d+:\d+\)$/, "")}`, error);
  }
  if (parsed === "") throw refuse(what, "is not JSON: it holds code");
  return parsed;
};

const parseText = (what: string, text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return parseShellText(what, text);
  }
};

/**
 * Parses an object (or a list of them) in MongoDB's extended JSON or shell syntax: single quotes, unquoted names, ISODate("…"), /patterns/.
 * Dates become Date; a pattern becomes `{$regex, $options}`, or a RegExp in a list.
 * Throws FILTER_REFUSED, naming `what`.
 */
export const parseExtended = (what: string, text: string): unknown => plainOf(what, parseText(what, text), false);

/** The same for one object. */
export const parseExtendedObject = (what: string, text: string): Record<string, unknown> => {
  const parsed = parseExtended(what, text);
  if (parsed === null || typeof parsed !== "object" || Array.isArray(parsed) || parsed instanceof Date)
    throw refuse(what, "is not an object");
  return parsed as Record<string, unknown>;
};

/** Parses a document from `toExtended`. */
export const fromExtended = (text: string): unknown => EJSON.parse(text, { relaxed: true });

const withMilliseconds = (value: unknown): unknown => {
  if (value instanceof Date) return { $date: value.getTime() };
  if (Array.isArray(value)) return value.map(withMilliseconds);
  if (value === null || typeof value !== "object" || "_bsontype" in value) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withMilliseconds(inner)]));
};

export const toExtended = (value: unknown, mode: JsonMode = "relaxed"): string =>
  EJSON.stringify(mode === "strict" ? withMilliseconds(value) : value, undefined, undefined, { relaxed: mode !== "canonical" });
