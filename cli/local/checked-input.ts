import type { z } from "zod";
import { CarillonError } from "../../schemas/errors.js";

/** The input as the schema reads it. Throws INPUT_INVALID, which names the first wrong field. */
export const checkedInput = <Value>(schema: z.ZodType<Value>, given: unknown): Value => {
  const read = schema.safeParse(given);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const field = issue?.path.filter((part) => typeof part === "string").join(".") || "input";
  const fix = issue?.code === "custom" && typeof issue.params?.fix === "string" ? { fix: issue.params.fix } : {};
  throw new CarillonError("INPUT_INVALID", issue?.message ?? "is invalid", { field, ...fix });
};
