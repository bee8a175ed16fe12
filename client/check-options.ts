import type { z } from "zod";
import { CarillonError } from "../schemas/errors.js";
import { problemOf } from "./explain-issue.js";
import { closestField, fieldsOfSchema } from "./schema-fields.js";
import { valueAt } from "./value-kind.js";

type Issue = z.core.$ZodIssue;

/** An option's problem. It never quotes the value, because the value may be a secret. */
interface WrongOption {
  readonly field: string;
  readonly problem: string;
  readonly fix: string;
}

const fixOf = (issue: Issue, path: string, schema: z.ZodType): string => {
  if (issue.code === "custom" && typeof issue.params?.fix === "string") return issue.params.fix;
  const wanted = path === "" ? schema.meta()?.wanted : closestField(fieldsOfSchema(schema), path)?.wanted;
  return `give ${wanted ?? "an object"}`;
};

const wrongOptions = (issue: Issue, given: unknown, schema: z.ZodType): readonly WrongOption[] => {
  const path = issue.path.map(String).join(".");
  if (issue.code === "unrecognized_keys")
    return issue.keys.map((key) => ({
      field: path === "" ? key : `${path}.${key}`,
      problem: "is not a known option",
      fix: "leave it out, or correct its name",
    }));
  const problem = problemOf(issue, valueAt(given, issue.path));
  return [{ field: path === "" ? "options" : path, problem, fix: fixOf(issue, path, schema) }];
};

const refusalOf = ({ field, problem, fix }: WrongOption): CarillonError => new CarillonError("INPUT_INVALID", problem, { field, fix });

/**
 * The options with their defaults. Throws INPUT_INVALID: for one problem with its field and fix, for several with all of them in the
 * message, and one error each in the cause.
 */
export const checkOptions = <T extends z.ZodType>(schema: T, given: unknown): z.output<T> => {
  const { data, error } = schema.safeParse(given);
  if (!error) return data as z.output<T>;
  const wrong = error.issues.flatMap((issue) => wrongOptions(issue, given, schema));
  const [first] = wrong;
  if (first && wrong.length === 1) throw refusalOf(first);
  const lines = wrong.map(({ field, problem, fix }) => `${field}: ${problem}: ${fix}`);
  throw new CarillonError("INPUT_INVALID", `have ${wrong.length} errors:\n  ${lines.join("\n  ")}`, {
    field: "options",
    fix: "correct each of them",
    cause: new AggregateError(wrong.map(refusalOf)),
  });
};
