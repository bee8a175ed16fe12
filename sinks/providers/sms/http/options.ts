import { z } from "zod";
import { secret } from "../../../../config/keys.js";
import { createTemplateEngine } from "../../../../processors/template-engine.js";
import { messageOf } from "../../../../schemas/errors.js";
import { failure, reason } from "../../failure-option.js";
import { parsePath, treeOfFields } from "./json-path.js";

const state = z.strictObject({
  event: z
    .enum(["accepted", "delayed", "delivered", "permanent_failure", "temporary_failure", "ambiguous"])
    .describe("event of the receipt: accepted, delayed, delivered, permanent_failure, temporary_failure or ambiguous"),
  reason: reason.optional().describe("reason of a failure, from the list of reasons in docs/reference.md"),
});

const isPath = (text: string): boolean => {
  try {
    return parsePath(text).length > 0;
  } catch {
    return false;
  }
};

const fieldPath = z.string().min(1).refine(isPath, "is not a path such as messages[0].id");

const kindOf = <Kind extends string>(kind: Kind) => z.literal(kind).describe("basic, bearer, header or field");
const sentSecret = secret.describe("for header and field: the secret that is sent");

export const httpOptions = z.strictObject({
  url: z.string().default("").describe("URL, a Liquid template, such as https://sms.example.com/send"),
  method: z.enum(["GET", "POST", "PUT"]).default("POST").describe("HTTP method"),
  format: z.enum(["json", "form", "query"]).default("json").describe("encoding of the fields"),
  fields: z
    .record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
    .default({})
    .describe(
      "fields by path; in JSON, messages[0].to creates a list and an inner field. A text is a Liquid template of to, from, text, messageId, attempt, token, tenant, metadata; without loops; numbers and booleans are sent unchanged",
    ),
  auth: z
    .discriminatedUnion("kind", [
      z.strictObject({
        kind: kindOf("basic"),
        username: z.string().describe("for basic: user name"),
        password: secret.describe("for basic: password"),
      }),
      z.strictObject({ kind: kindOf("bearer"), token: secret.describe("for bearer: token") }),
      z.strictObject({ kind: kindOf("header"), header: z.string().min(1).describe("for header: name of the header"), secret: sentSecret }),
      z.strictObject({ kind: kindOf("field"), field: z.string().min(1).describe("for field: path of the field"), secret: sentSecret }),
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

/** Characters of all templates together: each message renders all of them. */
const mostTemplateCharacters = 16_384;

const problemsOfLength = (fields: HttpOptions["fields"]): readonly string[] => {
  const length = Object.values(fields).reduce((sum: number, value) => sum + (typeof value === "string" ? value.length : 0), 0);
  return length > mostTemplateCharacters ? [`fields: have ${length} characters, and ${mostTemplateCharacters} are allowed`] : [];
};

/** Problems of the options that their types do not catch: each a key and a message. */
export const problemsOfOptions = (options: HttpOptions): readonly string[] => {
  const { url, fields, status, format, method } = options;
  const liquid = createTemplateEngine({ singleValue: true });
  const isJson = format === "json" && method !== "GET";
  return [
    ...(url === "" ? ["url: the http provider needs it"] : problemOf("url", () => liquid.parse(url))),
    ...Object.entries(fields).flatMap(([name, value]) =>
      typeof value === "string" ? problemOf(`fields.${name}`, () => liquid.parse(value)) : [],
    ),
    ...problemsOfLength(fields),
    ...(isJson ? problemOf("fields", () => treeOfFields(fieldsWithAuth(options, fields))) : []),
    ...(status ? problemOf("status.url", () => liquid.parse(status.url)) : []),
    ...problemsOfAuth(options),
  ];
};

/** The fields, including the one that authenticates, if any. */
export const fieldsWithAuth = <T>({ auth }: HttpOptions, fields: Readonly<Record<string, T>>): Readonly<Record<string, T | string>> =>
  auth?.kind === "field" ? { ...fields, [auth.field]: auth.secret } : fields;
