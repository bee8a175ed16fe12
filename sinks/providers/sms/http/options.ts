import { z } from "zod";
import { secret } from "../../../../config/keys.js";
import { createTemplateEngine } from "../../../../processors/template-engine.js";
import { messageOf } from "../../../../schemas/errors.js";
import { failure, reason } from "../../failure-option.js";
import { parsePath, treeOfFields } from "./json-path.js";

const state = z.strictObject({
  event: z.enum(["accepted", "delayed", "delivered", "permanent_failure", "temporary_failure", "ambiguous"]),
  reason: reason.optional(),
});

const isPath = (text: string): boolean => {
  try {
    return parsePath(text).length > 0;
  } catch {
    return false;
  }
};

const fieldPath = z.string().min(1).refine(isPath, "is not a path such as messages[0].id");

export const httpOptions = z.strictObject({
  url: z.string().default("").describe("URL, a Liquid template, such as https://sms.example.com/send"),
  method: z.enum(["GET", "POST", "PUT"]).default("POST").describe("HTTP method"),
  format: z.enum(["json", "form", "query"]).default("json").describe("encoding of the fields"),
  fields: z
    .record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
    .default({})
    .describe(
      "fields by path; in JSON, messages[0].to creates a list and an inner field. A text is a Liquid template of to, from, text, messageId, attempt, token, tenant, metadata; numbers and booleans are sent unchanged",
    ),
  auth: z
    .discriminatedUnion("kind", [
      z.strictObject({ kind: z.literal("basic"), username: z.string(), password: secret }),
      z.strictObject({ kind: z.literal("bearer"), token: secret }),
      z.strictObject({ kind: z.literal("header"), header: z.string().min(1), secret }),
      z.strictObject({ kind: z.literal("field"), field: z.string().min(1), secret }),
    ])
    .nullable()
    .default(null)
    .describe("authentication: { kind: basic, bearer, header or field, … }; null: none"),
  answer: z
    .strictObject({
      id: fieldPath
        .nullable()
        .default("id")
        .describe("path of the message's id in the answer, such as messages[0].id; null: the answer is the id as plain text"),
      code: fieldPath.nullable().default(null).describe("path of the provider's own code"),
      okCodes: z.array(z.string()).default([]).describe("codes that mean success; empty: every 2xx means success"),
      errors: z.record(z.string(), failure).default({}).describe("meaning of the other codes: { kind, reason }"),
    })
    .prefault({})
    .describe("paths and codes in an answer"),
  receipt: z
    .strictObject({
      list: fieldPath
        .nullable()
        .default(null)
        .describe("path of the list of receipts in a callback, such as results; null: the body is one receipt, or a list of them"),
      id: fieldPath.default("id").describe("path of the message's id within a receipt"),
      state: fieldPath.default("status").describe("path of the state within a receipt: a text, number or boolean"),
      detail: fieldPath.nullable().default(null).describe("path of the provider's description"),
      at: fieldPath.nullable().default(null).describe("path of the receipt's time"),
      states: z.record(z.string(), state).default({}).describe("meaning of the states: { event, reason }"),
    })
    .nullable()
    .default(null)
    .describe("paths and states in callbacks; null: there are no receipts, and acceptance counts as delivery"),
  status: z
    .strictObject({
      url: z.string().min(1).describe("URL of a message's state, a Liquid template of id"),
      state: fieldPath.default("status").describe("path of the state in the answer"),
      detail: fieldPath.nullable().default(null).describe("path of the provider's description"),
    })
    .nullable()
    .default(null)
    .describe("how to pull the state of a message; `receipt.states` defines the states"),
});

export type HttpOptions = z.output<typeof httpOptions>;

/** Allowed characters of a header. Source: RFC 9110, 5.5. */
const headerText = /^[\t\x20-\x7e\x80-\xff]*$/;
const headerName = /^[!#$%&'*+.^_`|~\w-]+$/;

const problemsOfAuth = ({ auth }: HttpOptions): string[] => {
  if (auth?.kind === "bearer" && !headerText.test(auth.token)) return ["auth.token: has characters that cannot stand in a header"];
  if (auth?.kind !== "header") return [];
  return [
    ...(headerName.test(auth.header) ? [] : ["auth.header: is not the name of a header"]),
    ...(headerText.test(auth.secret) ? [] : ["auth.secret: has characters that cannot stand in a header"]),
  ];
};

const problemOf = (key: string, check: () => unknown): string[] => {
  try {
    check();
    return [];
  } catch (error) {
    return [`${key}: ${messageOf(error)}`];
  }
};

/** Problems of the options that their types do not catch: each a key and a message. */
export const problemsOfOptions = (options: HttpOptions): readonly string[] => {
  const { url, fields, status, format, method } = options;
  const liquid = createTemplateEngine();
  const isJson = format === "json" && method !== "GET";
  return [
    ...(url === "" ? ["url: the http provider needs it"] : problemOf("url", () => liquid.parse(url))),
    ...Object.entries(fields).flatMap(([name, value]) =>
      typeof value === "string" ? problemOf(`fields.${name}`, () => liquid.parse(value)) : [],
    ),
    ...(isJson ? problemOf("fields", () => treeOfFields(fieldsWithAuth(options, fields))) : []),
    ...(status ? problemOf("status.url", () => liquid.parse(status.url)) : []),
    ...problemsOfAuth(options),
  ];
};

/** The fields, including the one that authenticates, if any. */
export const fieldsWithAuth = <T>({ auth }: HttpOptions, fields: Readonly<Record<string, T>>): Readonly<Record<string, T | string>> =>
  auth?.kind === "field" ? { ...fields, [auth.field]: auth.secret } : fields;
