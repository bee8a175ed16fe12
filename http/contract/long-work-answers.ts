import { z } from "zod";
import { type Answer, json, lines, orElse } from "./answers.js";
import { findingSchema } from "./problem-schema.js";

const progress = z.strictObject({ done: z.number(), all: z.number().optional() });

const lateProblem = z.strictObject({
  title: z.string(),
  status: z.number().int(),
  detail: z.string(),
  code: z.string().optional(),
  errors: z.array(findingSchema).optional(),
  requestId: z.string().optional(),
});

/**
 * The answer of work that may take minutes: its result; or lines of progress with the result or a problem as the last one, if the caller
 * accepts lines and the work takes longer than a second.
 */
export const longWork = (result: z.ZodType, description: string): Answer =>
  orElse(
    json(result, description),
    lines(
      z.union([z.strictObject({ progress }), z.strictObject({ result }), z.strictObject({ problem: lateProblem })]),
      "Lines of progress, then the result or a problem",
    ),
  );
