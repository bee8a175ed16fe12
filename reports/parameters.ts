import { z } from "zod";
import { valueAt, wrongKind } from "../client/value-kind.js";

/** The last of repeated values. */
export const last = (given: unknown): unknown => (Array.isArray(given) ? given.at(-1) : given);

const digits = z
  .string()
  .regex(/^\d{1,9}$/, "is not a whole number")
  .transform(Number);

/** A whole number in a URL. Rejects forms that JavaScript would accept: an empty text, 0x10, 1e2. */
export const wholeNumber = (least: number, most = 999_999_999) =>
  z
    .preprocess(last, z.union([digits, z.number().int()], "is not a whole number").pipe(z.number().min(least).max(most)))
    .meta({ parameter: { type: "integer", minimum: least, maximum: most } });

/** Several lists together fit into the 16 KiB that Node.js reads of a request's line and headers. */
const mostListed = 1_000;

/** Comma-separated values. */
export const anyList = z
  .string()
  .max(mostListed)
  .transform((text) => text.split(",").filter((part) => part !== ""));

/** How the API's description states a list of known values. `most`: number of values. */
export const listForm = (known: readonly string[], most?: number) => ({
  parameter: { type: "string", maxLength: mostListed, pattern: `^,*(?:(?:${known.join("|")})(?:,+|$))${most ? `{0,${most}}` : "*"}$` },
});

/** Comma-separated values from a closed list. */
export const listOf = (known: readonly string[]) =>
  anyList
    .superRefine((values, context) => {
      const wrong = values.find((value) => !known.includes(value));
      if (wrong !== undefined) context.addIssue({ code: "custom", message: `"${wrong}" is not one of ${known.join(", ")}` });
    })
    .meta(listForm(known));

const tooBig = (origin: string, most: number | bigint): string => {
  if (origin === "string") return `has more than ${most} characters`;
  return origin === "array" ? `has more than ${most} entries` : `is more than ${most}`;
};

/** The problem with a given parameter, in Carillon's own words instead of the library's. */
export const wordsOfIssue = (issue: z.core.$ZodIssue, given: unknown): string => {
  const value = valueAt(given, issue.path);
  switch (issue.code) {
    case "invalid_type":
      // an entry of a text that was split has no value of its own
      return valueAt(given, issue.path.slice(0, 1)) === undefined ? "is missing" : wrongKind(value, issue.expected);
    case "invalid_value":
      // an entry of a text that was split has no value of its own
      return valueAt(given, issue.path.slice(0, 1)) === undefined ? "is missing" : `is not one of ${issue.values.join(", ")}`;
    case "too_small":
      if (issue.origin === "string" || issue.origin === "array") return "is empty";
      return issue.inclusive === false ? `is not above ${issue.minimum}` : `is less than ${issue.minimum}`;
    case "too_big":
      return tooBig(issue.origin, issue.maximum);
    case "invalid_format":
      return issue.format === "datetime" ? "is not a time such as 2027-01-31T09:00:00Z" : issue.message;
    case "unrecognized_keys":
      return "is not a known parameter";
    default:
      return issue.message;
  }
};
