import type { FastifyReply } from "fastify";
import type { z } from "zod";
import { type Checked, isValid } from "../../client/check-input.js";
import { CarillonError } from "../../schemas/errors.js";
import { answerProblem, faultOf } from "../problem.js";
import { answerRefusal } from "../refusals.js";

/** The checked body; answers 400 with everything that is wrong with it. A missing body counts as one without fields. */
export const checkedBody = <Value>(check: (input: unknown) => Checked<Value>, body: unknown, reply: FastifyReply): Value | undefined => {
  const checked = check(body === undefined ? {} : body);
  if (isValid(checked)) return checked.value;
  void answerProblem(reply, 400, undefined, checked.errors.map(faultOf));
  return undefined;
};

/** An id of the path. Throws INPUT_INVALID for one that nothing can have. */
export const idOf = (schema: z.ZodType<string>, field: string, given: string): string => {
  const { success, data, error } = schema.safeParse(given);
  if (success) return data;
  const [issue] = error.issues;
  const fix = issue?.code === "custom" && typeof issue.params?.fix === "string" ? issue.params.fix : "correct the id";
  throw new CarillonError("INPUT_INVALID", issue?.message ?? "is invalid", { field, fix });
};

/** Answers with the work's reply, or with its refusal. */
export const answered = async (reply: FastifyReply, work: () => Promise<FastifyReply>): Promise<FastifyReply> => {
  try {
    return await work();
  } catch (error) {
    return answerRefusal(reply, error);
  }
};
