import { z } from "zod";
import { contentFields } from "../../../channels/content-fields.js";
import { type ContentPart, contentParts } from "../../../channels/content-parts.js";
import { messageGiven } from "../../../client/message-input.js";
import { userMessageGiven } from "../../../client/user-message-input.js";
import type { MessageView } from "../../../operations/message-view.js";
import { statusRank } from "../../../schemas/status.js";
import { channels } from "../../../schemas/vocabulary.js";
import type { OutboxEntry } from "../../../sinks/outbox.js";
import type { BatchResult } from "../../batch-result.js";
import { named } from "../named.js";
import { findingSchema } from "../problem-schema.js";

/** The body of `POST /v1/messages`. */
export const messageInputSchema = z.union([named("MessageInput", messageGiven), named("UserMessageInput", userMessageGiven)]);

const time = z.iso.datetime();

const summaryFields = {
  id: z.string(),
  channel: z.string(),
  lane: z.string(),
  tenant: z.string(),
  status: z.string().describe(`One of ${Object.keys(statusRank).join(", ")}`),
  final: z.boolean().describe("Whether the status is final"),
  reason: z.string().nullable().describe("One of the reasons in docs/reference.md"),
  attempts: z.number().int(),
  provider: z.string().nullable(),
  to: z.string().nullable(),
  user: z.string().nullable().describe("The user of the directory that the message is for, if it was sent to one"),
  template: z.string().nullable(),
  country: z.string().nullable(),
  region: z.string().nullable(),
  engagement: z.array(z.string()),
  costs: z.record(z.string(), z.number()).describe("By currency, or credit"),
  why: z.string().describe("Status and reason as a sentence"),
  acceptedAt: time,
  notBefore: time.nullable().describe("The earliest time to send, if the sender gave one"),
  sentAt: time.nullable(),
  finalAt: time.nullable(),
};

const stepSchema = named(
  "LineageStep",
  z.strictObject({
    stage: z.string(),
    outcome: z.string(),
    status: z.string().nullable(),
    reason: z.string().nullable(),
    attempt: z.number().int(),
    at: time,
    provider: z.string().nullable(),
    instance: z.string(),
    details: z.record(z.string(), z.string()),
  }),
);

/** A message with its lineage. */
export const messageSchema = named(
  "Message",
  z.strictObject({ ...summaryFields, lineage: z.array(stepSchema) }),
) satisfies z.ZodType<MessageView>;

/** A message in a list. */
export const messageSummarySchema = named("MessageSummary", z.strictObject(summaryFields)) satisfies z.ZodType<
  Omit<MessageView, "lineage">
>;

const accepted = {
  id: z.string().describe("The id of the message; for a user, of the first message"),
  messages: z
    .array(
      z.strictObject({
        id: z.string(),
        channel: z.string(),
        step: z.int().optional().describe("Its step of the fallback, from 1. Messages of later steps are not sent yet"),
      }),
    )
    .optional()
    .describe("The messages to the addresses of the user"),
  warnings: z.array(findingSchema).optional().describe("Fields that Carillon ignored or changed"),
};

export const acceptedSchema = named("Accepted", z.strictObject(accepted));

/** The result of one message of a batch. */
export const batchResultSchema = named(
  "BatchResult",
  z.union([z.strictObject(accepted), z.strictObject({ errors: z.array(findingSchema) })]),
) satisfies z.ZodType<BatchResult>;

const fileSchema = z.strictObject({
  filename: z.string(),
  contentType: z.string(),
  content: z.string().describe("In base64"),
  contentId: z.string().nullable(),
});

/** A part as stored, by its value where the message has none. */
const partSchema = (part: ContentPart): z.ZodType => {
  const { preset } = contentFields[part];
  if (Array.isArray(preset)) return z.array(fileSchema);
  return preset === null ? z.string().nullable() : z.record(z.string(), z.string());
};

type Parts = { readonly [Part in ContentPart]: z.ZodType<OutboxEntry["content"][Part]> };

const contentSchema = z.strictObject(Object.fromEntries(contentParts.map((part) => [part, partSchema(part)])) as unknown as Parts);

/** A message that the sandbox delivered. */
export const outboxEntrySchema = named(
  "OutboxEntry",
  z.strictObject({
    deliveredAt: time,
    channel: z.enum(channels),
    tenant: z.string().optional(),
    messageId: z.string(),
    attempt: z.number().int(),
    to: z.string(),
    from: z.string().nullable(),
    content: contentSchema,
  }),
) satisfies z.ZodType<OutboxEntry>;
