import { z } from "zod";
import { mostMeasuredMs, mostPeak, mostTargetAgeMs } from "../../../operations/load/plan-limits.js";
import { last, wholeNumber } from "../../../reports/parameters.js";
import { json, problem, text } from "../../contract/answers.js";
import { listSchema } from "../../contract/list.js";
import { longWork } from "../../contract/long-work-answers.js";
import { defineRoute } from "../../contract/route-contract.js";
import { countBodies, erasureBodies } from "../../contract/schemas/erasure-bodies.js";
import {
  encryptionSchema,
  erasureSchema,
  planSchema,
  providerSchema,
  pulledSchema,
  queueSchema,
  rewrappedSchema,
  webhookSchema,
} from "../../contract/schemas/operation-schemas.js";

const operation = { access: "operator", tag: "operations" } as const;
const count = z.number().int();

export const listQueues = defineRoute({
  ...operation,
  method: "GET",
  url: "/v1/queues",
  id: "listQueues",
  summary: "List the queues and their backlog",
  answers: { 200: json(listSchema(queueSchema), "All queues, on one page") },
});

export const planQueues = defineRoute({
  ...operation,
  method: "GET",
  url: "/v1/queues/plan",
  head: false, // it would measure, too
  id: "planQueues",
  summary: "Measure the load and recommend sizes",
  query: z.strictObject({
    targetAgeMs: wholeNumber(1, mostTargetAgeMs)
      .default(5_000)
      .describe(`give how long a record may wait, in milliseconds, at most ${mostTargetAgeMs}`),
    peak: z
      .preprocess(last, z.string().regex(/^\d{1,4}(\.\d{1,20})?$/, "is not a number"))
      .transform(Number)
      .pipe(z.number().min(1).max(mostPeak))
      .meta({ parameter: { type: "number", minimum: 1, maximum: mostPeak } })
      .default(2)
      .describe("give the multiple of the current input to plan for, from 1 to 1000"),
    forMs: wholeNumber(1, mostMeasuredMs).default(1_000).describe(`give how long to measure, in milliseconds, at most ${mostMeasuredMs}`),
  }),
  answers: { 200: longWork(planSchema, "The recommended sizes") },
});

export const listProviders = defineRoute({
  ...operation,
  method: "GET",
  url: "/v1/providers",
  id: "listProviders",
  summary: "List the providers and their health",
  answers: { 200: json(listSchema(providerSchema), "All configured providers, on one page") },
});

export const pullReceipts = defineRoute({
  ...operation,
  method: "POST",
  url: "/v1/providers/pull",
  id: "pullReceipts",
  summary: "Query a provider for missing receipts",
  body: z.strictObject({ name: z.string().min(1).max(200).describe("give the name of a provider that can be asked") }),
  answers: {
    200: longWork(z.strictObject({ pulled: z.array(pulledSchema) }), "The result of each channel of the provider"),
    404: problem("The provider is not in use, or offers no receipts to pull"),
  },
});

export const listWebhooks = defineRoute({
  ...operation,
  method: "GET",
  url: "/v1/webhooks",
  id: "listWebhooks",
  summary: "List the webhooks of tenants and their state",
  answers: { 200: json(listSchema(webhookSchema), "All webhooks, on one page: those of the configuration, then those of tenants' own") },
});

export const enableWebhook = defineRoute({
  ...operation,
  method: "POST",
  url: "/v1/webhooks/enable",
  id: "enableWebhook",
  audited: "webhook.enable",
  summary: "Enable a webhook, and optionally send its events again",
  body: z.strictObject({
    tenant: z.string().min(1).max(200).describe("give a tenant with a webhook"),
    replayFrom: z.iso
      .datetime({ offset: true })
      .transform((given) => Date.parse(given))
      .optional()
      .describe("give a time in ISO 8601 such as 2027-01-31T09:00:00Z, or leave it out"),
  }),
  answers: {
    200: longWork(z.strictObject({ replayed: count.nullable() }), "The number of events to send again; null without replayFrom"),
    404: problem("The tenant has no webhook"),
  },
});

export const countRecipientData = defineRoute({
  ...operation,
  method: "POST",
  url: "/v1/erasures/count",
  id: "countRecipient",
  summary: "Count a recipient's messages",
  body: z.union([countBodies.address, countBodies.user]),
  answers: { 200: json(z.strictObject({ messages: count }), "The number of messages") },
});

export const eraseRecipientData = defineRoute({
  ...operation,
  method: "POST",
  url: "/v1/erasures",
  id: "eraseRecipient",
  audited: "recipient.erase",
  summary: "Erase a recipient's data",
  body: z.union([erasureBodies.address, erasureBodies.user]),
  answers: { 200: longWork(erasureSchema, "The result of the erasure") },
});

export const getEncryption = defineRoute({
  ...operation,
  method: "GET",
  url: "/v1/encryption",
  id: "getEncryption",
  summary: "Name the encryption keys",
  description: "The names alone, never a key, and how many secrets of tenants are encrypted under them.",
  answers: { 200: json(encryptionSchema, "The names of the keys") },
});

export const rewrapEncryption = defineRoute({
  ...operation,
  method: "POST",
  url: "/v1/encryption/rewrap",
  id: "rewrapLineage",
  audited: "lineage.rewrap",
  summary: "Encrypt all lineage and secrets of tenants again under the active key",
  answers: {
    200: longWork(rewrappedSchema, "The result"),
    409: problem("No encryption keys are configured"),
  },
});

export const rebuildRollups = defineRoute({
  ...operation,
  method: "POST",
  url: "/v1/rollups/rebuild",
  id: "rebuildRollups",
  audited: "rollups.rebuild",
  summary: "Count all lineage again",
  answers: {
    200: longWork(z.strictObject({ documents: count }), "The number of counted documents"),
    409: problem("MongoDB stores the rollups: rebuild them with the command carillon reports rebuild"),
  },
});

const monitoring = { access: "monitoring", tag: "monitoring", method: "GET" } as const;

export const getHealth = defineRoute({
  ...monitoring,
  url: "/healthz",
  id: "getHealth",
  summary: "Check that the process is alive",
  answers: {
    200: json(z.strictObject({ status: z.literal("ok") }), "The process is alive", {
      "Carillon-Run": { description: "Identifies this run of the process", schema: z.string() },
    }),
  },
});

export const getReadiness = defineRoute({
  ...monitoring,
  url: "/readyz",
  id: "getReadiness",
  summary: "Check that the process is ready for requests",
  answers: { 200: json(z.strictObject({ status: z.literal("ready") }), "The process is ready") },
});

export const getMetrics = defineRoute({
  ...monitoring,
  url: "/metrics",
  id: "getMetrics",
  summary: "Get the metrics of all threads",
  answers: { 200: text("text/plain", "Metrics in Prometheus's text format") },
});
