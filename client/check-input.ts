import type { z } from "zod";
import type { Finding } from "../channels/finding.js";
import type { InputWords } from "./explain-issue.js";
import { closestField, fieldsOfSchema } from "./schema-fields.js";
import { boundedFindings, shapeErrors } from "./shape-errors.js";
import { checkTexts } from "./well-formed.js";

/** A valid value, or everything that is wrong with the input. */
export type Checked<Value> = { readonly value: Value } | { readonly errors: readonly Finding[] };

export const isValid = <Value>(checked: Checked<Value>): checked is { readonly value: Value } => "value" in checked;

/** A check by a schema, whose errors name the field and the fix. */
export const inputCheck = <Value>(schema: z.ZodType<Value>, words: Omit<InputWords, "fieldAt">): ((input: unknown) => Checked<Value>) => {
  const fields = fieldsOfSchema(schema);
  const all: InputWords = { ...words, fieldAt: (path) => closestField(fields, path) };
  return (input) => {
    const illFormed = checkTexts(input).map((found) => (found.field === "message" ? { ...found, field: words.whole } : found));
    const result = schema.safeParse(input);
    if (result.success && illFormed.length === 0) return { value: result.data };
    const known = new Set(illFormed.map(({ field }) => field));
    const wrong = [...shapeErrors(result.error?.issues ?? [], input, all)].filter(({ field }) => !known.has(field));
    return { errors: boundedFindings([...illFormed, ...wrong], words.whole) };
  };
};
