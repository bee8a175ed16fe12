import { z } from "zod";
import { wholeNumber } from "../../../reports/parameters.js";
import { channels } from "../../../schemas/vocabulary.js";
import { mostInBatch } from "../../batch-result.js";
import { json, problem } from "../../contract/answers.js";
import { listSchema } from "../../contract/list.js";
import { defineRoute } from "../../contract/route-contract.js";
import {
  acceptedSchema,
  batchResultSchema,
  messageInputSchema,
  messageSchema,
  outboxEntrySchema,
} from "../../contract/schemas/message-schemas.js";

const traceHeaders = {
  traceparent: { description: "W3C trace context of the request; it continues in the message's spans", schema: z.string() },
  tracestate: { description: "The matching W3C trace state", schema: z.string() },
};

export const sendMessage = defineRoute({
  method: "POST",
  url: "/v1/messages",
  access: "tenant",
  id: "sendMessage",
  tag: "messages",
  summary: "Send a message",
  description: "Answers 202 once the message is stored durably. GET /v1/messages/{id} reports its status.",
  headers: {
    "Idempotency-Key": {
      description: "The same as idempotencyKey in the body: requests of a tenant with the same key are one message",
      schema: z.string().min(1).max(258),
    },
    ...traceHeaders,
  },
  body: messageInputSchema,
  answers: {
    202: json(acceptedSchema, "The message is accepted"),
    403: problem(
      "The message names another tenant, a sender that its tenant may not use, or with a test key a recipient outside the sandbox",
    ),
    404: problem("The tenant has no such user"),
    409: problem(
      "The idempotency key was already used with different content, or belongs to a request that is not answered yet. Only the latter has Retry-After",
      { "Retry-After": { description: "Seconds to wait before the next attempt", schema: z.string().regex(/^\d+$/), always: false } },
    ),
    422: problem("The user has no usable address. Each error names a channel"),
  },
});

export const sendBatch = defineRoute({
  method: "POST",
  url: "/v1/messages/batch",
  access: "tenant",
  id: "sendMessages",
  tag: "messages",
  summary: "Send several messages",
  description:
    "Answers once all accepted messages are stored durably. Each result is at the position of its message. A batch has no idempotency key; each message can have its own.",
  body: z.strictObject({
    messages: z
      .array(z.unknown())
      .min(1)
      .max(mostInBatch)
      .describe(`give a list of 1 to ${mostInBatch} messages, each of them what POST /v1/messages takes`),
  }),
  answers: { 200: json(z.strictObject({ results: z.array(batchResultSchema) }), "The result of each message, in order") },
});

export const getMessage = defineRoute({
  method: "GET",
  url: "/v1/messages/:id",
  access: "tenant",
  id: "getMessage",
  tag: "messages",
  summary: "Get a message with its lineage",
  params: z.strictObject({ id: z.string() }),
  answers: { 200: json(messageSchema, "The message"), 404: problem("No message of this tenant has the id") },
});

export const listOutbox = defineRoute({
  method: "GET",
  url: "/sandbox/outbox/:channel",
  access: "tenant",
  id: "listOutbox",
  tag: "sandbox",
  summary: "List the messages that the sandbox delivered",
  description: "Latest first.",
  params: z.strictObject({ channel: z.string().meta({ parameter: { type: "string", enum: channels } }) }),
  query: z.object({ limit: wholeNumber(1, 1_000).default(50).describe("give a whole number from 1 to 1000") }),
  answers: { 200: json(listSchema(outboxEntrySchema), "The latest messages, on one page"), 404: problem("There is no such channel") },
});
