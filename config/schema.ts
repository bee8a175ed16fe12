import { z } from "zod";
import { defaultLimits } from "../client/limits.js";
import { CarillonError } from "../schemas/errors.js";
import { guarantees } from "../stores/event-log/event-log.js";
import { dimensions } from "../stores/lineage-store/dimensions.js";
import { type CollectionName, collectionNames } from "../stores/lineage-store/lineage-store.js";
import { channelLimits, channelsSchema, templatesSchema } from "./channels.js";
import { encryptionSchema } from "./encryption.js";
import {
  addressOrRange,
  addressRange,
  bearerSecret,
  count,
  cronPattern,
  durationMs,
  emailAddress,
  hostOrIp,
  hours,
  localTenant,
  minutes,
  oneLine,
  optionalUrl,
  seconds,
  secret,
  tenantName,
} from "./keys.js";
import { type ConfigurableProvider, providersSchemaOf } from "./providers.js";
import { kafkaSchema, mongoSchema, redisSchema, registrySchema } from "./servers.js";

const isTimeZone = (name: string): boolean => {
  try {
    new Intl.DateTimeFormat("en-US", { timeZone: name });
    return true;
  } catch {
    return false;
  }
};

/** The one configuration schema: a default and a documentation for each key. Durations are in milliseconds. */

const guarantee = z
  .enum(guarantees)
  .default("at_least_once")
  .describe("what is promised when a worker dies: at_most_once, at_least_once or exactly_once (docs/semantics.md)");

const queue = (partitions: number, consumers: number) => ({
  partitions: count("partitions of each topic; they only grow", partitions),
  consumers: count("consumers in each process, at most as many as partitions", consumers),
  concurrency: count("records of one partition in hand at once", 64),
  guarantee,
});

const lane = (partitions: number, consumers: number, sessionMs = seconds(30)) =>
  z
    .strictObject({
      ...queue(partitions, consumers),
      sessionTimeoutMs: durationMs(
        "on Kafka, a consumer of the lane silent for this long loses its partitions, or kafka.sessionTimeoutMs where that is less",
        sessionMs,
        seconds(6),
      ),
      onAmbiguous: z
        .enum(["resend", "hold"])
        .nullable()
        .default(null)
        .describe(
          "a send whose outcome is unknown: send again (a duplicate is possible) or hold for a receipt (a loss is possible); null: hold in at_most_once, else resend",
        ),
    })
    .prefault({});

/** Per process. A machine with more cores runs more processes. */
export const mostThreads = 16;

const ownKeys = {
  profile: z
    .enum(["embedded", "cluster"])
    .default("embedded")
    .describe("embedded: one process, nothing installed; cluster: Kafka, Redis, MongoDB, a schema registry"),
  instance: oneLine
    .min(1)
    .default("carillon")
    .describe("name of this process in lineage and claims, unlike any other; host and pid unless given"),
  encryption: encryptionSchema.describe("recipients and contents where they are stored (docs/privacy.md)"),
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
          "room on the disk that no new message may use, in bytes: below it POST answers 503; null: 128 MiB, or a tenth of a smaller file system",
        ),
      check: z
        .enum(["unclean", "always", "never"])
        .default("unclean")
        .describe("when a start walks over all pages of the store: unless it is as it was left, each time, or never"),
    })
    .prefault({})
    .describe("the embedded store"),
  http: z
    .strictObject({
      enabled: z.boolean().default(true).describe("whether this process listens"),
      host: hostOrIp.default("127.0.0.1").describe("address to listen on"),
      port: z.number().int().min(0).max(65_535).default(8080).describe("port to listen on; 0: any free one"),
      trustedProxies: z.array(addressOrRange).default([]).describe("proxies whose X-Forwarded-For and -Proto are believed"),
      failedAuthenticationsPerMinute: count(
        "wrong keys and callbacks without proof that one address may send in a minute to each process; more are answered with 429",
        20,
      ),
      bodyLimitBytes: z.number().int().min(1_024).max(16_777_216).default(1_048_576).describe("largest request body, in bytes"),
      apiKeys: z
        .array(
          z.strictObject({
            tenant: tenantName.describe("whose requests they are"),
            key: bearerSecret.describe("the key, sent as a bearer token: at least 20 characters, each of them visible ASCII"),
            role: z
              .enum(["sender", "operator"])
              .default("sender")
              .describe("sender: sends, and sees its tenant's messages; operator: also sees all tenants', the console, and dead letters"),
          }),
        )
        .default([])
        .describe("keys that identify tenants, each of them unique; needed when listening beyond loopback"),
    })
    .prefault({}),
  topics: z
    .strictObject({
      prefix: z
        .string()
        .regex(/^[a-zA-Z0-9._-]{1,100}$/)
        .default("carillon")
        .describe("first part of every topic and group name"),
      retentionMs: durationMs("records stay at least this long", hours(24 * 7)),
      deadLetterRetentionMs: durationMs("dead letters stay at least this long", hours(24 * 90)),
      replicationFactor: z.number().int().min(-1).max(9).default(-1).describe("copies of each Kafka partition; -1: the brokers' default"),
      minInSyncReplicas: z
        .number()
        .int()
        .min(1)
        .max(9)
        .nullable()
        .default(null)
        .describe("copies that a record must have before it counts, of topics that Carillon creates; null: the brokers' default"),
    })
    .prefault({}),
  lanes: z
    .strictObject({
      critical: lane(2, 1, seconds(10)).describe("one-time passwords, alarms"),
      high: lane(2, 1).describe("what somebody waits for"),
      normal: lane(2, 1).describe("everything else"),
      bulk: lane(1, 1).describe("campaigns"),
    })
    .prefault({}),
  receipts: z.strictObject(queue(2, 1)).prefault({}).describe("what providers report"),
  webhooks: z
    .strictObject({
      ...queue(2, 1),
      tenants: z
        .record(
          tenantName,
          z.strictObject({
            url: z.url({ protocol: /^https?$/ }).describe("where it is told, by POST"),
            secret: z
              .union([secret, z.array(secret).min(1).max(5)])
              .describe(
                "whsec_ and 24 to 64 bytes in base64 (Standard Webhooks); a list while secrets are rotated, the newest first: all sign",
              ),
            kinds: z
              .array(z.enum(["final", "engagement"]))
              .min(1)
              .default(["final", "engagement"])
              .describe("what it is told"),
          }),
        )
        .default({})
        .describe("by tenant"),
      timeoutMs: durationMs("longest call", seconds(15), 100),
      inFlight: count("most calls of one tenant's webhook at once in each process", 10),
      retryDelaysMs: z
        .array(z.number().int().min(0).max(hours(72)))
        .max(30)
        .default([5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400].map(seconds))
        .describe("delays after each failed call, in milliseconds; after the last it goes to dead-letters"),
      jitter: z.number().min(0).max(1).default(0.2).describe("share of a delay that chance adds on top"),
      maxRetryAfterMs: durationMs("longest pause that a receiver's Retry-After gets; what it asks beyond that is not believed", hours(1)),
      disableAfterMs: durationMs("failing for this long without a success switches a webhook off", hours(24 * 5)),
      allowAddresses: z
        .array(addressRange)
        .default([])
        .describe(
          "ranges such as 10.20.0.0/16 that webhooks may call although they are private, also by http; link-local addresses and clouds' metadata stay closed",
        ),
    })
    .prefault({})
    .describe("tells tenants what became of their messages, signed by the Standard Webhooks specification"),
  lineage: z
    .strictObject({
      partitions: count("partitions of the lineage topic", 2),
      consumers: count("consumers in each process", 1),
      maxBatchRecords: count("most events in one write", 2_000),
    })
    .prefault({}),
  reports: z
    .strictObject({
      timeZone: z
        .string()
        .refine(isTimeZone, "is not a time zone such as Asia/Kolkata")
        .default("UTC")
        .describe("whose hours and days reports count by; changing it takes `carillon reports rebuild`"),
      deadlineMs: durationMs("longest time that one question may take", seconds(5), 100),
      inHand: count(
        "queries that run at once in each process, shared fairly among tenants; with two or more, one is kept for operators",
        3,
      ),
      aggregations: z
        .record(
          z.string().regex(/^[a-z0-9][a-z0-9_-]*$/),
          z.strictObject({
            collections: z
              .array(z.enum(collectionNames as [CollectionName, ...CollectionName[]]))
              .min(1)
              .describe("of which collections it asks"),
            pipeline: z.string().min(2).describe('stages in extended JSON; {"$var":"name"} stands for a variable'),
            doc: z.string().default("").describe("what it answers"),
          }),
        )
        .default({})
        .describe("aggregations by name, beside those that come with Carillon"),
      daily: z
        .array(
          z.strictObject({
            name: z
              .string()
              .regex(/^[a-z0-9][a-z0-9_-]*$/)
              .describe("name of the report"),
            to: z.array(emailAddress).min(1).max(50).describe("who gets it, by email"),
            tenant: tenantName.default("reports").describe("whose message it is"),
            only: tenantName.nullable().default(null).describe("only of this tenant's messages; null: of all"),
            by: z.array(z.enum(dimensions)).max(3).default(["channel", "provider"]).describe("what it tells apart"),
            pattern: cronPattern("by which yesterday is reported", "7 6 * * *"),
          }),
        )
        .default([])
        .describe("reports of the day before, which Carillon itself delivers by email"),
      keepMessagesDays: count("messages and their lineage are kept for so many days after they were accepted", 90),
      keepHourlyDays: count("counts by the hour are kept for so many days", 90),
      keepDailyDays: count("counts by the day are kept for so many days", 730),
    })
    .prefault({})
    .describe("what analysts ask"),
  channels: channelsSchema,
  routing: z
    .strictObject({
      patienceMs: durationMs("how long a message waits for room at a provider before it is set aside", seconds(10)),
      windowMs: durationMs("error rates are taken over this span", seconds(30), 1_000),
      minCalls: count("with fewer calls in the span nothing is concluded", 20),
      errorRate: z
        .number()
        .min(0)
        .max(1)
        .default(0.1)
        .describe("a larger share of failures takes a provider's weight away, a tenth at a time"),
      slowReceiptMs: z
        .number()
        .int()
        .min(1)
        .nullable()
        .default(null)
        .describe("so do receipts of which nine in ten take longer, in milliseconds; null: they do not"),
      stallMs: durationMs(
        "as many calls as the breaker takes failures, without an answer for this long: no more are made until one has answered",
        seconds(5),
        10,
      ),
      stepMs: durationMs("weight is taken away or given back at most this often", seconds(10), 100),
      breaker: z
        .strictObject({
          failures: count("failures in a row after which nothing is sent for a while", 5),
          openMs: durationMs("for how long at first; each further time twice as long", seconds(10), 10),
          maxOpenMs: durationMs("for how long at most", minutes(5), 10),
          probes: count("calls that are let through then; all must go well", 3),
        })
        .prefault({}),
    })
    .prefault({})
    .describe("how messages find a provider that can take them"),
  tenants: z
    .strictObject({
      criticalPerSecond: z
        .number()
        .positive()
        .max(1_000_000)
        .nullable()
        .default(null)
        .describe("critical messages a second of each tenant; what exceeds it goes by high; null: any number"),
      criticalBurst: count("how many of them may come at once", 100),
      anySender: z
        .array(tenantName)
        .default([localTenant])
        .describe("tenants whose messages may name any sender; local is the tenant of requests without a key"),
    })
    .prefault({})
    .describe("what each tenant may have"),
  templates: templatesSchema,
  limits: z
    .strictObject({
      contentBytes: z
        .number()
        .int()
        .min(1)
        .max(900_000)
        .default(defaultLimits.contentBytes)
        .describe("most bytes of content, all parts together"),
      ...channelLimits,
      metadataBytes: z
        .number()
        .int()
        .min(1)
        .max(65_536)
        .default(defaultLimits.metadataBytes)
        .describe("most bytes of a message's metadata, names and values together"),
      variablesBytes: z
        .number()
        .int()
        .min(1)
        .max(524_288)
        .default(defaultLimits.variablesBytes)
        .describe("most bytes of a template's variables, as JSON"),
      aheadMs: durationMs(
        "how far ahead notBefore may lie; no message lives longer than this after it was due, whatever its expiresAt",
        defaultLimits.aheadMs,
        60_000,
      ),
    })
    .prefault({}),
  delivery: z
    .strictObject({
      sendTimeoutMs: durationMs("longest call of a provider", seconds(10)),
      keepExchanges: z
        .enum(["failures", "all", "none"])
        .default("failures")
        .describe("of which calls what was said to the provider and answered is kept in lineage, without recipient, content and secrets"),
      maxRetryAfterMs: durationMs(
        "longest pause that a provider's Retry-After gets; what it asks beyond that is not believed",
        minutes(15),
      ),
      detachAfterMs: durationMs("a call that takes longer is waited for beside its partition, and holds up nobody", 2_000),
      keepMs: durationMs("claims and messages are kept this long beyond their use", hours(24 * 3)),
      earlyReceiptWaitsMs: z
        .array(z.number().int().min(1))
        .max(20)
        .default([1_000, 5_000, 30_000, 300_000, 1_800_000])
        .describe("a receipt that precedes its send's record is tried again after these, in milliseconds"),
    })
    .prefault({}),
  timers: z
    .strictObject({
      listener: z.boolean().default(true).describe("listen for expiry events; off: only the sweeper drives timers"),
      graceMs: durationMs("the sweeper leaves timers to the listener until they are overdue by this", 1_000),
      sweepEveryMs: durationMs("overdue timers are looked for at least this often, sooner where one is known to come due", 250),
      leaseMs: durationMs("a claimed timer that is not completed is due again after this", seconds(15)),
      batch: count("most timers claimed at once", 1_000),
    })
    .prefault({}),
  runtime: z
    .strictObject({
      only: z
        .array(z.string().min(1))
        .default([])
        .describe("what this process consumes, as patterns such as intake/*, dispatch/dispatch.sms.*; empty: everything; none: nothing"),
      threads: z
        .union([z.literal("auto"), z.number().int().min(1).max(mostThreads)], `must be auto, or a whole number from 1 to ${mostThreads}`)
        .default("auto")
        .describe("threads that consume queues, urgent lanes in one of their own; 1: everything in the main thread; auto: at present 1"),
      expireListener: z.boolean().default(true).describe("whether this process fires timers"),
      receiptSources: z
        .boolean()
        .default(true)
        .describe("whether this process reads what providers report by queues and connections of their own; callbacks come by http"),
      stageTimeoutMs: durationMs("longest time that one record may take", seconds(60)),
      handBackMs: durationMs(
        "how long a record that only a later version of Carillon can read is put back for that version's workers, before it becomes a dead letter",
        hours(1),
      ),
      drainMs: durationMs("how long records in hand may take to end when a partition is revoked or the process stops", seconds(15)),
      commitEveryMs: durationMs("offsets are committed at most this often", 100, 10),
      maxBatchRecords: count("most records in one batch", 500),
    })
    .prefault({}),
  jobs: z
    .strictObject({
      enabled: z.boolean().default(true).describe("whether this process runs jobs; each runs once per cluster"),
      overduePattern: cronPattern("by which messages that should have ended long ago are closed", "17 * * * *"),
      forgetPattern: cronPattern(
        "by which the embedded store forgets what is older than reports.keep…; MongoDB does so by itself",
        "41 2 * * *",
      ),
      receiptLogPattern: cronPattern("by which providers' own logs are read (CloudWatch)", "* * * * *"),
    })
    .prefault({}),
  kafka: kafkaSchema,
  redis: redisSchema,
  mongo: mongoSchema,
  registry: registrySchema,
  aws: z
    .strictObject({
      region: z.string().min(1).default("us-east-1").describe("AWS region; credentials come from AWS's usual places"),
      endpoint: optionalUrl(/^https?$/, "another endpoint than AWS's own"),
    })
    .prefault({}),
  tracing: z
    .strictObject({
      url: optionalUrl(/^https?$/, "where spans are sent by OTLP over HTTP, such as http://collector:4318/v1/traces; null: nowhere"),
      headers: z.record(z.string().min(1), secret).default({}).describe("sent along, such as an API key"),
      service: z.string().min(1).default("carillon").describe("name of the service in traces"),
      sampleRatio: z
        .number()
        .min(0)
        .max(1)
        .default(1)
        .describe("share of messages that are traced where their sender's traceparent does not say"),
    })
    .prefault({})
    .describe("traces by OpenTelemetry"),
  log: z
    .strictObject({ level: z.enum(["debug", "info", "warn", "error"]).default("warn").describe("least severity that is logged") })
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
