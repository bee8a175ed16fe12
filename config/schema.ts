import { z } from "zod";
import { CarillonError } from "../schemas/errors.js";
import { channels } from "../schemas/vocabulary.js";
import { channelsSchema, templatesSchema } from "./channels.js";
import { encryptionSchema } from "./encryption.js";
import { httpSchema } from "./http.js";
import {
  addressRange,
  count,
  cronPattern,
  durationMs,
  hours,
  localTenant,
  minutes,
  oneLine,
  optionalUrl,
  seconds,
  secret,
  tenantName,
} from "./keys.js";
import { limitsSchema } from "./limits.js";
import { type ConfigurableProvider, providersSchemaOf } from "./providers.js";
import { lanesSchema, receiptsSchema, topicsSchema } from "./queues.js";
import { reportsSchema } from "./reports.js";
import { routingSchema } from "./routing.js";
import { runtimeSchema } from "./runtime.js";
import { kafkaSchema, mongoSchema, redisSchema, registrySchema } from "./servers.js";
import { tenantTopicsSchema } from "./tenant-topics.js";
import { webhooksSchema } from "./webhooks.js";

/** The one configuration schema: a default and a documentation for each key. Durations are in milliseconds. */

const ownKeys = {
  profile: z
    .enum(["embedded", "cluster"])
    .default("embedded")
    .describe("embedded: one process without any server; cluster: Kafka, Redis, MongoDB and a schema registry"),
  instance: oneLine
    .min(1)
    .default("carillon")
    .meta({ computedDefault: "<host>-<pid>" })
    .describe("unique name of this process in lineage and claims; by default its host and pid"),
  encryption: encryptionSchema.describe("encryption of stored recipients and contents (docs/privacy.md)"),
  dataDir: z.string().min(1).default(".carillon").describe("folder of the embedded store and the sandbox's outbox"),
  embedded: z
    .strictObject({
      reserveBytes: z
        .number()
        .int()
        .min(0)
        .max(2 ** 50)
        .nullable()
        .default(null)
        .describe(
          "disk space reserved from new messages, in bytes: with less free space, POST answers 503; null: 128 MiB, or a tenth of a smaller file system",
        ),
      check: z
        .enum(["unclean", "always", "never"])
        .default("unclean")
        .describe(
          "when Carillon checks all pages of the store at start: unclean (unless the store is as Carillon left it), always or never",
        ),
    })
    .prefault({})
    .describe("the embedded store"),
  http: httpSchema,
  topics: topicsSchema,
  lanes: lanesSchema,
  receipts: receiptsSchema,
  webhooks: webhooksSchema,
  tenantTopics: tenantTopicsSchema,
  lineage: z
    .strictObject({
      partitions: count("partitions of the lineage topic", 2),
      consumers: count("consumers per process", 1),
      maxBatchRecords: count("maximum number of events in one write", 2_000),
    })
    .prefault({}),
  reports: reportsSchema,
  channels: channelsSchema,
  routing: routingSchema,
  tenants: z
    .strictObject({
      criticalPerSecond: z
        .number()
        .positive()
        .max(1_000_000)
        .nullable()
        .default(null)
        .describe("critical messages per second for each tenant; Carillon sends the excess through the high lane; null: no limit"),
      criticalBurst: count("critical messages that may arrive at once", 100),
      anySender: z
        .array(tenantName)
        .default([localTenant])
        .describe("tenants whose messages may name any sender; local is the tenant of requests without a key"),
      allowAddresses: z
        .array(addressRange)
        .default([])
        .describe(
          "private ranges such as 10.20.0.0/16 that tenants' own providers, webhooks and key sets may have, also without TLS; link-local addresses and cloud metadata stay blocked",
        ),
    })
    .prefault({})
    .describe("quotas and permissions of tenants"),
  users: z
    .strictObject({
      channels: z
        .array(z.enum(channels))
        .min(1)
        .default(["push", "email", "sms"])
        .describe("channels of messages to users that name none, in the order of preference: the first with a usable address is used"),
    })
    .prefault({})
    .describe("messages to users of the directory"),
  templates: templatesSchema,
  limits: limitsSchema,
  delivery: z
    .strictObject({
      sendTimeoutMs: durationMs("timeout of a call to a provider", seconds(10)),
      keepExchanges: z
        .enum(["failures", "all", "none"])
        .default("failures")
        .describe("calls whose request and response are kept in lineage, without recipient, content and secrets"),
      maxRetryAfterMs: durationMs("longest pause that a provider's Retry-After can request; Carillon caps longer ones", minutes(15)),
      detachAfterMs: durationMs("a call that takes longer continues in the background and no longer blocks its partition", 2_000),
      stateRetentionMs: durationMs("additional time that claims and cached messages are kept after use", hours(24 * 3)),
      earlyReceiptRetryDelaysMs: z
        .array(z.number().int().min(1))
        .max(20)
        .default([1_000, 5_000, 30_000, 300_000, 1_800_000])
        .describe("delays before Carillon retries a receipt that arrived before the record of its send, in milliseconds"),
    })
    .prefault({}),
  timers: z
    .strictObject({
      listener: z.boolean().default(true).describe("listen for expiry events; off: only the sweeper fires timers"),
      graceMs: durationMs("the sweeper takes only timers that are overdue by this; the listener fires the others", 1_000),
      sweepEveryMs: durationMs("longest interval between sweeps for overdue timers; shorter if a timer is known to be due sooner", 250),
      leaseMs: durationMs("a claimed timer that is not completed becomes due again after this", seconds(15)),
      batch: count("maximum number of timers claimed at once", 1_000),
    })
    .prefault({}),
  runtime: runtimeSchema,
  jobs: z
    .strictObject({
      enabled: z.boolean().default(true).describe("whether this process runs jobs; each job runs once per cluster"),
      overduePattern: cronPattern("of the job that closes overdue messages", "17 * * * *"),
      forgetPattern: cronPattern(
        "of the jobs that delete data older than reports.keep…, and former members of groups after a day; MongoDB deletes messages and counts by itself",
        "41 2 * * *",
      ),
      receiptLogPattern: cronPattern("of the job that reads providers' own logs (CloudWatch)", "* * * * *"),
    })
    .prefault({}),
  kafka: kafkaSchema,
  redis: redisSchema,
  mongo: mongoSchema,
  registry: registrySchema,
  aws: z
    .strictObject({
      region: z.string().min(1).default("us-east-1").describe("AWS region; credentials come from the AWS SDK's default sources"),
      endpoint: optionalUrl(/^https?$/, "custom endpoint, instead of AWS's own"),
    })
    .prefault({}),
  tracing: z
    .strictObject({
      url: optionalUrl(/^https?$/, "OTLP over HTTP endpoint for spans, such as http://collector:4318/v1/traces; null: no export"),
      headers: z.record(z.string().min(1), secret).default({}).describe("headers to send with spans, such as an API key"),
      service: z.string().min(1).default("carillon").describe("service name in traces"),
      sampleRatio: z
        .number()
        .min(0)
        .max(1)
        .default(1)
        .describe("share of messages that are traced, unless their sender's traceparent decides"),
    })
    .prefault({})
    .describe("OpenTelemetry traces"),
  log: z
    .strictObject({ level: z.enum(["debug", "info", "warn", "error"]).default("warn").describe("minimum level that is logged") })
    .prefault({}),
};

/** The schema of the whole configuration with the given provider types. `more`: keys of subsystems, which have their types there. */
export const configSchemaOf = (definitions: readonly ConfigurableProvider[], more: Readonly<Record<string, z.ZodType>> = {}) => {
  const known = { ...ownKeys, providers: providersSchemaOf(definitions).describe("providers, by name") };
  const taken = Object.keys(more).find((key) => Object.hasOwn(known, key));
  if (taken !== undefined) throw new CarillonError("CONFIG_INVALID", `${taken}: two subsystems have a key of this name`);
  return z.strictObject({ ...known, ...(more as Readonly<Record<never, z.ZodType>>) });
};

export type ConfigSchema = ReturnType<typeof configSchemaOf>;
export type Config = z.output<ConfigSchema>;
export type ConfigInput = z.input<ConfigSchema>;
