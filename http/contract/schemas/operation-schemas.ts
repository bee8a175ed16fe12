import { z } from "zod";
import type { EncryptionView, Rewrapped } from "../../../operations/encryption-keys.js";
import type { QueueState } from "../../../operations/lag/queue-states.js";
import type { MeasuredPlan } from "../../../operations/load/measure-plan.js";
import type { ProviderState } from "../../../operations/provider-states.js";
import type { Pulled } from "../../../operations/pull-now.js";
import type { WebhookView } from "../../../operations/webhook-desk.js";
import { channels } from "../../../schemas/vocabulary.js";
import { named } from "../named.js";

const count = z.number().int().min(0);
const durationMs = z.number().min(0);

const healthSchema = z.strictObject({
  breaker: z.enum(["closed", "half_open", "open"]),
  share: z.number().describe("Fraction of its weight that the provider keeps"),
  calls: count,
  failures: count,
  inFlight: count,
  receiptP90Ms: durationMs,
  responseP50Ms: durationMs,
  responseP95Ms: durationMs,
});

export const providerFields = {
  channel: z.enum(channels),
  name: z.string(),
  type: z.string(),
  health: healthSchema.nullable().describe("Over all processes; null if the provider was not used recently"),
};

export const providerSchema = named("Provider", z.strictObject(providerFields)) satisfies z.ZodType<ProviderState>;

export const queueSchema = named(
  "Queue",
  z.strictObject({
    subTopology: z.string(),
    topic: z.string().describe("With its prefix"),
    group: z.string(),
    consumers: count.describe("Over all processes"),
    partitions: z.array(z.strictObject({ partition: count, end: count, committed: z.number().int(), lag: count })),
    lag: count,
    oldestMs: z.record(z.string(), durationMs).describe("Age of the oldest queued record, by partition"),
  }),
) satisfies z.ZodType<QueueState>;

const sizes = { partitions: count, consumers: count };

export const planSchema = named(
  "ScalePlan",
  z.strictObject({
    workers: count,
    plans: z.array(
      z.strictObject({
        part: z.string().describe("Such as lanes.critical or receipts"),
        queues: z.array(z.string()),
        inPerSecond: z.number(),
        lag: count,
        oldestMs: durationMs.nullable(),
        inFlightMs: durationMs.nullable(),
        cpuMs: durationMs.nullable(),
        current: z.strictObject(sizes),
        recommended: z.strictObject({ ...sizes, replicas: count }).nullable(),
        note: z.string().nullable(),
      }),
    ),
  }),
) satisfies z.ZodType<MeasuredPlan>;

export const pulledSchema = named(
  "Pulled",
  z.strictObject({
    channel: z.enum(channels),
    asked: count.describe("Messages in the queries"),
    reported: count.describe("Receipts in the answers"),
  }),
) satisfies z.ZodType<Pulled>;

const at = z.number().describe("Milliseconds since 1970 UTC");

export const webhookStateSchema = z
  .strictObject({
    failingSince: at,
    failures: count.optional(),
    lastFailureAt: at.optional(),
    disabledAt: at.optional(),
    lastFailure: z.string(),
  })
  .nullable()
  .describe("Null while the webhook works");

export const webhookSchema = named(
  "Webhook",
  z.strictObject({
    tenant: z.string(),
    own: z.boolean().describe("Whether it is the tenant's own, and not of the configuration"),
    host: z.string().describe("Host of the address; the rest may be secret"),
    kinds: z.array(z.string()),
    problem: z.string().nullable().describe("Why it cannot be called, if that is known without a call"),
    state: webhookStateSchema,
  }),
) satisfies z.ZodType<WebhookView>;

export const encryptionSchema = named(
  "Encryption",
  z.strictObject({
    active: z.string().nullable().describe("The key that encrypts"),
    keys: z.array(z.string()),
    tenantSecrets: z
      .strictObject({
        current: count.describe("Under the active key, or under any key if none is active"),
        older: count.describe("Under other keys"),
        unreadable: count.describe("Under keys that are not configured"),
      })
      .describe("The number of secrets of tenants"),
  }),
) satisfies z.ZodType<EncryptionView>;

export const rewrappedSchema = named(
  "Rewrapped",
  z.strictObject({
    documents: count,
    tenantSecrets: count.describe("Secrets of tenants that were encrypted again"),
    active: z.string().nullable(),
    keepMs: durationMs.describe("How long the log and dead letters may still need the other keys"),
  }),
) satisfies z.ZodType<Rewrapped>;

export const erasureSchema = named(
  "Erasure",
  z.strictObject({
    erased: z.strictObject({
      messages: count,
      cancelled: count.describe("Those of the messages that were not final"),
      deadLetters: count,
      users: count.describe("Those of the directory that lost the address"),
      complete: z.boolean().describe("Whether everything accepted before the erasure was processed"),
    }),
    at: z.iso.datetime(),
    retentionMs: durationMs,
    deadLetterRetentionMs: durationMs,
  }),
);
