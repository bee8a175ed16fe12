import { BSONRegExp, EJSON, Long } from "bson";
import { CarillonError, messageOf } from "../../schemas/errors.js";

/** How documents are written: dates as `{"$date": …}`; relaxed: as ISO 8601 and plain numbers; canonical: every type told. */
export type JsonMode = "relaxed" | "canonical";

const refuse = (what: string, problem: string, cause?: unknown): CarillonError =>
  new CarillonError("FILTER_REFUSED", `${what} ${problem}`, {
    cause,
    fix: 'give extended JSON, such as {"status":"failed","acceptedAt":{"$gte":{"$date":"2026-11-21T00:00:00Z"}}}',
  });

/** The plain value of what extended JSON can say; patterns stay texts, so that they can be judged. */
const plain = (what: string, value: unknown): unknown => {
  if (Array.isArray(value)) return value.map((item) => plain(what, item));
  if (value === null || typeof value !== "object" || value instanceof Date) return value;
  if (value instanceof BSONRegExp) return { $regex: value.pattern, ...(value.options ? { $options: value.options } : {}) };
  if (value instanceof RegExp) return { $regex: value.source, ...(value.flags ? { $options: value.flags } : {}) };
  if (value instanceof Long) return value.toNumber();
  if ("_bsontype" in value) throw refuse(what, `holds a value of type ${String(value._bsontype)}, which no document has`);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(what, inner)]));
};

/** Reads an object (or a list of them) in MongoDB's extended JSON. Throws FILTER_REFUSED, naming `what`. */
export const parseExtended = (what: string, text: string): unknown => {
  let parsed: unknown;
  try {
    parsed = EJSON.parse(text, { relaxed: true });
  } catch (error) {
    throw refuse(what, `is not JSON: ${messageOf(error)}`, error);
  }
  return plain(what, parsed);
};

/** The same for one object. */
export const parseExtendedObject = (what: string, text: string): Record<string, unknown> => {
  const parsed = parseExtended(what, text);
  if (parsed === null || typeof parsed !== "object" || Array.isArray(parsed) || parsed instanceof Date)
    throw refuse(what, "is not an object");
  return parsed as Record<string, unknown>;
};

export const toExtended = (value: unknown, mode: JsonMode = "relaxed"): string =>
  EJSON.stringify(value, undefined, undefined, { relaxed: mode === "relaxed" });
