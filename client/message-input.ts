import { z } from "zod";
import { closeChannels } from "../channels/add-channel.js";
import { contentFields } from "../channels/content-fields.js";
import { type ContentPart, contentParts, partRulesOf } from "../channels/content-parts.js";
import { filled } from "../channels/filled.js";
import { inWords } from "../channels/in-words.js";
import { tenantProblem } from "../channels/one-line.js";
import { readBy } from "../channels/read-by.js";
import { rulesOf } from "../channels/rules-of.js";
import { noContent } from "../schemas/no-content.js";
import { channels } from "../schemas/vocabulary.js";
import { readInstant } from "./instant.js";
import type { ParsedMessage } from "./parsed-message.js";
import type { Variable } from "./variables.js";

// the code below derives from the list of channels
closeChannels();

const instant = z
  .union([z.string(), z.number()], { error: "is not a time" })
  .transform((given, context): number => {
    const read = readInstant(given);
    if (typeof read === "number") return read;
    context.issues.push({ code: "custom", message: read.problem, params: { fix: read.fix }, input: given });
    return z.NEVER;
  })
  .meta({ wanted: "a time in ISO 8601 with an offset (2027-01-31T09:00:00Z), or milliseconds since 1970 UTC", typed: "string | number" });

/** Values are checked by checkVariables, which counts them first. */
const anyVariables = z.record(z.string(), z.unknown() as unknown as z.ZodType<Variable, Variable>);

const rules = channels.map(rulesOf);

/** Phrases as alternatives. */
const anyOf = (phrases: readonly string[]): string => [...phrases.slice(0, -1), `or ${phrases.at(-1)}`].join(", ");

/** A part's purpose, and its channels if not all support it. */
const docOf = (part: ContentPart): string => {
  const carriers = rules.filter(({ content: { parts } }) => parts.includes(part)).map(({ label }) => label);
  return carriers.length === rules.length ? partRulesOf(part).doc : `${carriers.join(", ")}: ${partRulesOf(part).doc}`;
};

const described = (part: ContentPart) => {
  const { wanted } = partRulesOf(part);
  const schema: z.ZodType = contentFields[part].input.describe(docOf(part));
  return [part, wanted === undefined ? schema : schema.meta({ wanted })] as const;
};

type InputParts = { readonly [Part in ContentPart]: (typeof contentFields)[Part]["input"] };

/** The content parts of a sender's message. */
export const contentGiven = z.strictObject(Object.fromEntries<z.ZodType>(contentParts.map(described)) as unknown as InputParts);

type StoredParts = { readonly [Part in ContentPart]: (typeof contentFields)[Part]["stored"] };

const contentStored = z.strictObject(
  Object.fromEntries(contentParts.map((part) => [part, contentFields[part].stored])) as unknown as StoredParts,
);

const needed = {
  channel: z
    .string()
    .min(1)
    .describe("the channel that sends the message")
    .meta({ wanted: inWords(channels) }),
  to: z
    .string()
    .min(1)
    .describe("the recipient")
    .meta({ wanted: `${anyOf(rules.map(({ recipient }) => recipient.wanted))}, depending on the channel` }),
};

const lane = z
  .string()
  .describe("critical: one-time passwords, alarms; high: someone is waiting; normal (default): other messages; bulk: campaigns")
  .meta({ wanted: "critical, high, normal or bulk" });
const template = z.string().min(1).max(200).describe("the name of a configured template");
const variables = anyVariables
  .describe("the values for the template")
  .meta({ wanted: "an object of strings, numbers, booleans, null, and lists and maps of these", typed: "Record<string, Variable>" });
const tenant = readBy((text) => {
  const problem = tenantProblem(text);
  return problem === undefined ? text : { problem, fix: "give one line of at most 128 characters" };
})
  .describe("the tenant that sends the message; the key's tenant by default")
  .meta({ wanted: "one line of at most 128 characters" });
const from = z
  .string()
  .min(1)
  .max(500)
  .describe("a sender other than the configured one; the tenant must be allowed to use it")
  .meta({ wanted: anyOf(rules.flatMap(({ sender }) => sender.wanted ?? [])) });
const idempotencyKey = z
  .string()
  .min(1)
  .max(256)
  .describe(
    "requests of a tenant with the same key are one message, until the message can no longer be sent and for 3 more days (delivery.stateRetentionMs)",
  );
const notBefore = instant.describe("the time before which the message is not sent");
const expiresAt = instant.describe("the time after which the message is not sent");
const metadata = z.record(z.string(), z.string()).describe("returned in feedback; not part of the message");

/**
 * A sender's message: the body of `POST /v1/messages`, a line of an import file, the argument of the client's `send`. Absent fields are
 * omitted.
 */
export const messageGiven = z.strictObject({
  ...needed,
  lane: lane.optional(),
  content: filled(contentGiven, noContent).optional().describe("the content; Carillon does not send parts of other channels"),
  template: template.optional(),
  variables: variables.optional(),
  tenant: tenant.optional(),
  from: from.optional(),
  idempotencyKey: idempotencyKey.optional(),
  notBefore: notBefore.optional(),
  expiresAt: expiresAt.optional(),
  metadata: metadata.optional(),
});

/** The records' values for absent fields. */
export const absentFields = {
  lane: null,
  content: noContent,
  template: null,
  variables: {},
  tenant: null,
  from: null,
  idempotencyKey: null,
  notBefore: null,
  expiresAt: null,
  metadata: {},
};

/** The same, with the records' values for absent fields. */
export const messageInput = filled(messageGiven, absentFields);

/** A sender's message. Generated from `messageGiven`, so that the types of the client need no library. */
export type { MessageInput } from "./generated.js";

/** The same in a record, from any producer. Absent fields are null. */
export const messageStored: z.ZodType<ParsedMessage> = z.strictObject({
  ...needed,
  lane: lane.nullable(),
  content: contentStored,
  template: template.nullable(),
  variables,
  tenant: tenant.nullable(),
  from: from.nullable(),
  idempotencyKey: idempotencyKey.nullable(),
  notBefore: notBefore.nullable(),
  expiresAt: expiresAt.nullable(),
  metadata,
});
