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
  .describe("delivery guarantee when a worker fails: at_most_once, at_least_once or exactly_once (docs/semantics.md)");

const queue = (partitions: number, consumers: number) => ({
  partitions: count("partitions of each topic; the number can only grow", partitions),
  consumers: count("consumers per process; at most the number of partitions", consumers),
  concurrency: count("maximum number of records in flight per partition", 64),
  guarantee,
});

const lane = (partitions: number, consumers: number, sessionMs = seconds(30)) =>
  z
    .strictObject({
      ...queue(partitions, consumers),
      sessionTimeoutMs: durationMs(
        "on Kafka, a consumer of this lane that is silent for this long loses its partitions; kafka.sessionTimeoutMs applies if it is shorter",
        sessionMs,
        seconds(6),
      ),
      onAmbiguous: z
        .enum(["resend", "hold"])
        .nullable()
        .default(null)
        .describe(
          "action after a send with an unknown outcome: resend (may duplicate the message) or hold for a receipt (may lose it); null: hold in at_most_once, else resend",
        ),
    })
    .prefault({});

/** Per process. A machine with more cores runs more processes. */
export const mostThreads = 16;

const ownKeys = {
  profile: z
    .enum(["embedded", "cluster"])
    .default("embedded")
    .describe("embedded: one process without any server; cluster: Kafka, Redis, MongoDB and a schema registry"),
  instance: oneLine.min(1).default("carillon").describe("unique name of this process in lineage and claims; by default its host and pid"),
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
  http: z
    .strictObject({
      enabled: z.boolean().default(true).describe("whether this process serves HTTP"),
      host: hostOrIp.default("127.0.0.1").describe("address to listen on"),
      port: z.number().int().min(0).max(65_535).default(8080).describe("port to listen on; 0: any free port"),
      trustedProxies: z
        .array(addressOrRange)
        .default([])
        .describe("proxies whose X-Forwarded-For and X-Forwarded-Proto headers Carillon trusts"),
      failedAuthenticationsPerMinute: count(
        "failed authentication attempts, by key or callback, allowed per address and minute in each process; Carillon answers further ones with 429",
        20,
      ),
      bodyLimitBytes: z.number().int().min(1_024).max(16_777_216).default(1_048_576).describe("largest request body, in bytes"),
      apiKeys: z
        .array(
          z.strictObject({
            tenant: tenantName.describe("tenant that the key identifies"),
            key: bearerSecret.describe("the key, sent as a bearer token: at least 20 visible ASCII characters"),
            role: z
              .enum(["sender", "operator"])
              .default("sender")
              .describe(
                "sender: sends messages and sees its tenant's messages; operator: also sees all tenants' messages, the console and dead letters",
              ),
          }),
        )
        .default([])
        .describe("keys that identify tenants, each unique; required when listening beyond loopback"),
    })
    .prefault({}),
  topics: z
    .strictObject({
      prefix: z
        .string()
        .regex(/^[a-zA-Z0-9._-]{1,100}$/)
        .default("carillon")
        .describe("prefix of every topic and group name"),
      retentionMs: durationMs("minimum time that records are kept", hours(24 * 7)),
      deadLetterRetentionMs: durationMs("minimum time that dead letters are kept", hours(24 * 90)),
      replicationFactor: z.number().int().min(-1).max(9).default(-1).describe("replicas of each Kafka partition; -1: the brokers' default"),
      minInSyncReplicas: z
        .number()
        .int()
        .min(1)
        .max(9)
        .nullable()
        .default(null)
        .describe("in-sync replicas that a write requires, for topics that Carillon creates; null: the brokers' default"),
    })
    .prefault({}),
  lanes: z
    .strictObject({
      critical: lane(2, 1, seconds(10)).describe("one-time passwords, alarms"),
      high: lane(2, 1).describe("messages that a person is waiting for"),
      normal: lane(2, 1).describe("all other messages"),
      bulk: lane(1, 1).describe("campaigns"),
    })
    .prefault({}),
  receipts: z.strictObject(queue(2, 1)).prefault({}).describe("receipts from providers"),
  webhooks: z
    .strictObject({
      ...queue(2, 1),
      tenants: z
        .record(
          tenantName,
          z.strictObject({
            url: z.url({ protocol: /^https?$/ }).describe("URL that receives the events, by POST"),
            secret: z
              .union([secret, z.array(secret).min(1).max(5)])
              .describe("whsec_ and 24 to 64 bytes in base64 (Standard Webhooks); a list during rotation, newest first: all of them sign"),
            kinds: z
              .array(z.enum(["final", "engagement"]))
              .min(1)
              .default(["final", "engagement"])
              .describe("kinds of events to send"),
          }),
        )
        .default({})
        .describe("webhooks, by tenant"),
      timeoutMs: durationMs("timeout of a call", seconds(15), 100),
      inFlight: count("maximum number of concurrent calls to one tenant's webhook per process", 10),
      retryDelaysMs: z
        .array(z.number().int().min(0).max(hours(72)))
        .max(30)
        .default([5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400].map(seconds))
        .describe("delays after failed calls, in milliseconds; after the last, the event becomes a dead letter"),
      jitter: z.number().min(0).max(1).default(0.2).describe("random addition to each delay, as a share of it"),
      maxRetryAfterMs: durationMs("longest pause that a receiver's Retry-After can request; Carillon caps longer ones", hours(1)),
      disableAfterMs: durationMs("a webhook that fails for this long without a success is disabled", hours(24 * 5)),
      allowAddresses: z
        .array(addressRange)
        .default([])
        .describe(
          "private ranges such as 10.20.0.0/16 that webhooks may call, also over http; link-local addresses and cloud metadata stay blocked",
        ),
    })
    .prefault({})
    .describe("events about messages, sent to tenants and signed by the Standard Webhooks specification"),
  lineage: z
    .strictObject({
      partitions: count("partitions of the lineage topic", 2),
      consumers: count("consumers per process", 1),
      maxBatchRecords: count("maximum number of events in one write", 2_000),
    })
    .prefault({}),
  reports: z
    .strictObject({
      timeZone: z
        .string()
        .refine(isTimeZone, "is not a time zone such as Asia/Kolkata")
        .default("UTC")
        .describe("time zone of the hours and days in reports; after a change, run `carillon reports rebuild`"),
      deadlineMs: durationMs("timeout of a query", seconds(5), 100),
      inHand: count(
        "maximum number of concurrent queries per process, shared fairly among tenants; with two or more, one is reserved for operators",
        3,
      ),
      aggregations: z
        .record(
          z.string().regex(/^[a-z0-9][a-z0-9_-]*$/),
          z.strictObject({
            collections: z
              .array(z.enum(collectionNames as [CollectionName, ...CollectionName[]]))
              .min(1)
              .describe("collections that it may query"),
            pipeline: z.string().min(2).describe('stages in extended JSON; {"$var":"name"} is replaced by a variable'),
            doc: z.string().default("").describe("description for users"),
          }),
        )
        .default({})
        .describe("aggregations by name, in addition to the built-in ones"),
      daily: z
        .array(
          z.strictObject({
            name: z
              .string()
              .regex(/^[a-z0-9][a-z0-9_-]*$/)
              .describe("name of the report"),
            to: z.array(emailAddress).min(1).max(50).describe("email addresses of its recipients"),
            tenant: tenantName.default("reports").describe("tenant that sends the report"),
            only: tenantName.nullable().default(null).describe("tenant whose messages it covers; null: all tenants"),
            by: z.array(z.enum(dimensions)).max(3).default(["channel", "provider"]).describe("dimensions to group by"),
            pattern: cronPattern("of the report on the previous day", "7 6 * * *"),
          }),
        )
        .default([])
        .describe("daily reports, which Carillon sends by email"),
      keepMessagesDays: count("days after acceptance that messages and their lineage are kept", 90),
      keepHourlyDays: count("days that hourly counts are kept", 90),
      keepDailyDays: count("days that daily counts are kept", 730),
    })
    .prefault({})
    .describe("reports and queries"),
  channels: channelsSchema,
  routing: z
    .strictObject({
      patienceMs: durationMs("longest time that a message waits for capacity at a provider before Carillon reschedules it", seconds(10)),
      windowMs: durationMs("time window of error rates", seconds(30), 1_000),
      minCalls: count("minimum number of calls in the window; with fewer, its error rate does not count", 20),
      errorRate: z
        .number()
        .min(0)
        .max(1)
        .default(0.1)
        .describe("error rate above which Carillon reduces a provider's weight, a tenth at a time"),
      slowReceiptMs: z
        .number()
        .int()
        .min(1)
        .nullable()
        .default(null)
        .describe("90th percentile of receipt delays above which Carillon also reduces the weight, in milliseconds; null: never"),
      stallMs: durationMs(
        "a provider that leaves breaker.failures calls unanswered for this long gets no further calls until it answers one",
        seconds(5),
        10,
      ),
      stepMs: durationMs("minimum time between two changes of a provider's weight", seconds(10), 100),
      breaker: z
        .strictObject({
          failures: count("consecutive failures that open the circuit breaker", 5),
          openMs: durationMs("time that the circuit is open at first; it doubles each further time", seconds(10), 10),
          maxOpenMs: durationMs("longest time that the circuit is open", minutes(5), 10),
          probes: count("calls that then probe the provider; all must succeed to close the circuit", 3),
        })
        .prefault({}),
    })
    .prefault({})
    .describe("selection of a provider for each message"),
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
    })
    .prefault({})
    .describe("quotas and permissions of tenants"),
  templates: templatesSchema,
  limits: z
    .strictObject({
      contentBytes: z
        .number()
        .int()
        .min(1)
        .max(900_000)
        .default(defaultLimits.contentBytes)
        .describe("maximum size of the content in bytes, all parts together"),
      ...channelLimits,
      metadataBytes: z
        .number()
        .int()
        .min(1)
        .max(65_536)
        .default(defaultLimits.metadataBytes)
        .describe("maximum size of a message's metadata in bytes, names and values together"),
      variablesBytes: z
        .number()
        .int()
        .min(1)
        .max(524_288)
        .default(defaultLimits.variablesBytes)
        .describe("maximum size of a template's variables in bytes, as JSON"),
      aheadMs: durationMs(
        "how far in the future notBefore may be; also the maximum lifetime of a message after it is due, whatever its expiresAt",
        defaultLimits.aheadMs,
        60_000,
      ),
    })
    .prefault({}),
  delivery: z
    .strictObject({
      sendTimeoutMs: durationMs("timeout of a call to a provider", seconds(10)),
      keepExchanges: z
        .enum(["failures", "all", "none"])
        .default("failures")
        .describe("calls whose request and response are kept in lineage, without recipient, content and secrets"),
      maxRetryAfterMs: durationMs("longest pause that a provider's Retry-After can request; Carillon caps longer ones", minutes(15)),
      detachAfterMs: durationMs("a call that takes longer continues in the background and no longer blocks its partition", 2_000),
      keepMs: durationMs("additional time that claims and messages are kept after use", hours(24 * 3)),
      earlyReceiptWaitsMs: z
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
  runtime: z
    .strictObject({
      only: z
        .array(z.string().min(1))
        .default([])
        .describe(
          "queues that this process consumes, as patterns such as intake/*, dispatch/dispatch.sms.*; empty: all queues; none: no queue",
        ),
      threads: z
        .union([z.literal("auto"), z.number().int().min(1).max(mostThreads)], `must be auto, or a whole number from 1 to ${mostThreads}`)
        .default("auto")
        .describe(
          "threads that consume queues, with a separate one for urgent lanes; 1: everything in the main thread; auto: 2 on the cluster profile with at least 4 cores, if critical shares the process with other lanes, otherwise 1",
        ),
      expireListener: z.boolean().default(true).describe("whether this process fires timers"),
      receiptSources: z
        .boolean()
        .default(true)
        .describe("whether this process reads receipts from providers' queues and connections; callbacks arrive over HTTP"),
      stageTimeoutMs: durationMs("longest processing time of a record", seconds(60)),
      handBackMs: durationMs(
        "how long a record that only a later version of Carillon can read is put back for that version's workers before it becomes a dead letter",
        hours(1),
      ),
      drainMs: durationMs("how long records in flight may take to finish when a partition is revoked or the process stops", seconds(15)),
      commitEveryMs: durationMs("minimum interval between offset commits", 100, 10),
      maxBatchRecords: count("maximum number of records in one batch", 500),
    })
    .prefault({}),
  jobs: z
    .strictObject({
      enabled: z.boolean().default(true).describe("whether this process runs jobs; each job runs once per cluster"),
      overduePattern: cronPattern("of the job that closes overdue messages", "17 * * * *"),
      forgetPattern: cronPattern(
        "of the job that deletes data older than reports.keep… from the embedded store; MongoDB deletes it by itself",
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
