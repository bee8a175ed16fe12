import type { z } from "zod";
import type { FieldReference } from "./schema-fields.js";
import { kindOf, valueAt, wrongKind } from "./value-kind.js";

type Issue = z.core.$ZodIssue;

/** How the errors of an input name it and its fields. */
export interface InputWords {
  /** The field of an error about the whole input. */
  readonly whole: string;
  /** What to do about a whole input of the wrong kind, and about a field that does not exist. */
  readonly wanted: string;
  readonly unknownField: string;
  /** The documented field for a path. */
  readonly fieldAt: (path: string) => FieldReference | undefined;
}

const sizeProblem = (value: unknown, most: number | bigint): string => {
  if (typeof value === "string") return `has ${value.length} characters, and ${most} are allowed`;
  if (Array.isArray(value)) return `has ${value.length} entries, and ${most} are allowed`;
  return `is larger than ${most}`;
};

/** The problem with a value, which it does not quote. */
export const problemOf = (issue: Issue, value: unknown): string => {
  if (issue.code === "custom") return issue.message;
  if (value === undefined) return "is missing";
  switch (issue.code) {
    case "invalid_type":
      return wrongKind(value, issue.expected);
    case "too_small":
      return value === "" || (Array.isArray(value) && value.length === 0) ? "is empty" : `is smaller than ${issue.minimum}`;
    case "too_big":
      return sizeProblem(value, issue.maximum);
    case "invalid_value":
      return `is not one of ${issue.values.join(", ")}`;
    default:
      // a schema's own message is more specific than the library's
      if (!issue.message.startsWith("Invalid")) return issue.message;
      return `is ${kindOf(value)}${typeof value === "string" ? " in a form that" : ", which"} this field does not accept`;
  }
};

/** The problem with a field, and the values that it accepts. */
export const explainIssue = (
  issue: Issue,
  input: unknown,
  { wanted: wholeWanted, fieldAt }: InputWords,
): { readonly problem: string; readonly fix: string } => {
  const path = issue.path.map(String).join(".");
  const value = valueAt(input, issue.path);
  const fix = issue.code === "custom" && typeof issue.params?.fix === "string" ? issue.params.fix : undefined;
  if (path === "") {
    const problem = value === undefined ? "is missing" : wrongKind(value, "object");
    return { problem, fix: wholeWanted };
  }
  const wanted = fieldAt(path)?.wanted;
  return { problem: problemOf(issue, value), fix: fix ?? (wanted ? `give ${wanted}` : "leave it out") };
};
