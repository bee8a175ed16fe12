import type { FastifyReply } from "fastify";
import { z } from "zod";
import { inWords } from "../../channels/in-words.js";
import { wordsOfIssue } from "../../reports/parameters.js";
import { answerProblem } from "../problem.js";

/** The schema at a path of names in a schema of objects. */
const schemaAt = (schema: unknown, path: readonly string[]): unknown => {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable) return schemaAt(schema.unwrap(), path);
  const [name, ...rest] = path;
  if (name === undefined) return schema;
  return schema instanceof z.ZodObject && Object.hasOwn(schema.shape, name) ? schemaAt(schema.shape[name], rest) : undefined;
};

/** The description of a parameter, which is on its optional wrapper. */
const descriptionAt = (schema: z.ZodObject, path: readonly string[]): string | undefined => {
  const outer = schemaAt(schema, path.slice(0, -1));
  const name = path.at(-1) ?? "";
  const found = outer instanceof z.ZodObject && Object.hasOwn(outer.shape, name) ? outer.shape[name] : undefined;
  return found instanceof z.ZodType ? found.description : undefined;
};

/** Most unknown names reported for one object. */
const mostUnknown = 20;

/** What to give instead of a refused value. A parameter's description is its fix. */
const fixOf = (schema: z.ZodObject, path: readonly string[], isUnknown: boolean): string => {
  const outer = isUnknown ? schemaAt(schema, path.slice(0, -1)) : schema;
  const names = outer instanceof z.ZodObject ? inWords(Object.keys(outer.shape)) : "";
  if (isUnknown) return `leave it out, or give ${names}`;
  if (path.length === 0) return `give an object with ${names}`;
  const found = descriptionAt(schema, path);
  return found ?? `give ${names}`;
};

/** The names that lead into objects. A path ends at a number, because a list is named as a whole. */
const namesOf = (path: readonly PropertyKey[]): string[] => {
  const end = path.findIndex((part) => typeof part !== "string");
  return path.slice(0, end < 0 ? path.length : end).map(String);
};

/** The validated parameters; answers 400 if they are invalid. `whole` names all of them together. */
export const parametersOf = <Schema extends z.ZodObject>(
  schema: Schema,
  given: unknown,
  reply: FastifyReply,
  whole: "query" | "body" = "query",
): z.output<Schema> | undefined => {
  // a missing body counts as one without fields, but null does not
  const input = given === undefined ? {} : given;
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const errors = parsed.error.issues.flatMap((issue) => {
    const unknown = issue.code === "unrecognized_keys" ? issue.keys : [];
    const within = namesOf(issue.path);
    const ownFix = issue.code === "custom" && typeof issue.params?.fix === "string" ? issue.params.fix : undefined;
    const paths = unknown.length > 0 ? unknown.slice(0, mostUnknown).map((key) => [...within, key]) : [within];
    return paths.map((path) => ({
      field: path.join(".") || whole,
      problem: unknown.length > 0 ? `is not a known ${whole === "body" ? "field" : "parameter"}` : wordsOfIssue(issue, input),
      fix: ownFix ?? fixOf(schema, path, unknown.length > 0),
    }));
  });
  void answerProblem(reply, 400, undefined, errors);
  return undefined;
};
