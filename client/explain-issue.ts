import type { z } from "zod";
import { fieldAt } from "./field-reference.js";

type Issue = z.core.$ZodIssue;

/** A value as the JSON of a sender has it. */
const kindOf = (value: unknown): string => {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "an object";
  if (typeof value === "string") return "text";
  return typeof value === "boolean" ? String(value) : `a ${typeof value}`;
};

const valueAt = (input: unknown, path: readonly PropertyKey[]): unknown => {
  let value = input;
  for (const name of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
    value = (value as Record<PropertyKey, unknown>)[name];
  }
  return value;
};

const kinds: Readonly<Record<string, string>> = {
  string: "text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "an object",
  record: "an object",
};

const sizeProblem = (value: unknown, most: number | bigint): string => {
  if (typeof value === "string") return `has ${value.length} characters, and ${most} are allowed`;
  if (Array.isArray(value)) return `has ${value.length} entries, and ${most} are allowed`;
  return `is larger than ${most}`;
};

const problemOf = (issue: Issue, value: unknown): string => {
  if (issue.code === "custom") return issue.message;
  if (value === undefined) return "is missing";
  switch (issue.code) {
    case "invalid_type":
      return `is ${Number.isNaN(value) ? "not a number" : kindOf(value)}, not ${kinds[issue.expected] ?? issue.expected}`;
    case "too_small":
      return value === "" ? "is empty" : `is smaller than ${issue.minimum}`;
    case "too_big":
      return sizeProblem(value, issue.maximum);
    default:
      // a schema's own words say more than the library's
      if (!issue.message.startsWith("Invalid")) return issue.message;
      return `is ${kindOf(value)}${typeof value === "string" ? " in a form that" : ", which"} this field does not take`;
  }
};

/** What is wrong with a field, and what it takes. */
export const explainIssue = (issue: Issue, input: unknown): { readonly problem: string; readonly fix: string } => {
  const path = issue.path.map(String).join(".");
  const value = valueAt(input, issue.path);
  const fix = issue.code === "custom" && typeof issue.params?.fix === "string" ? issue.params.fix : undefined;
  if (path === "") {
    const problem = value === undefined ? "is missing" : `is ${kindOf(value)}, not an object`;
    return { problem, fix: "give an object with channel, to, and content or template" };
  }
  const wanted = fieldAt(path)?.wanted;
  return { problem: problemOf(issue, value), fix: fix ?? (wanted ? `give ${wanted}` : "leave it out") };
};
