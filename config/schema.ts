import { z } from "zod";
import { defaultLimits } from "../client/check-message.js";
import { guarantees, kafkaClients } from "../stores/event-log/event-log.js";

/** The one configuration: a default and a documentation for each key. Durations are milliseconds. */

const seconds = (count: number): number => count * 1_000;
const minutes = (count: number): number => seconds(60 * count);
const hours = (count: number): number => minutes(60 * count);

const durationMs = (doc: string, preset: number, leastMs = 0) =>
  z
    .number()
    .int()
    .min(leastMs)
    .max(hours(24 * 366))
    .default(preset)
    .describe(`${doc}, in milliseconds`);
const count = (doc: string, preset: number, least = 1) => z.number().int().min(least).max(100_000).default(preset).describe(doc);

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

const lane = (partitions: number, consumers: number) =>
  z
    .strictObject({
      ...queue(partitions, consumers),
      onAmbiguous: z
        .enum(["resend", "hold"])
        .nullable()
        .default(null)
        .describe(
          "a send whose outcome is unknown: send again (a duplicate is possible) or hold for a receipt (a loss is possible); null: hold in at_most_once, else resend",
        ),
    })
    .prefault({});

const retry = (baseMs: number) =>
  z
    .strictObject({
      baseMs: durationMs("delay after the first failed attempt", baseMs),
      factor: z.number().min(1).max(10).default(2).describe("by which each further delay grows"),
      maxDelayMs: durationMs("longest delay", minutes(15)),
      jitter: z.number().min(0).max(1).default(0.2).describe("share of the delay that chance adds on top"),
      maxAttempts: count("attempts in all", 8),
      maxAgeMs: durationMs("no attempt later than this after acceptance", hours(24)),
    })
    .prefault({});

const channel = <const Names extends readonly [string, ...string[]]>(providers: Names, deadlineMs: number) =>
  z
    .strictObject({
      provider: z
        .enum(providers)
        .default("sandbox")
        .describe(`way out: ${providers.join(", ")}`),
      from: z.string().min(1).nullable().default(null).describe("sender where a message names none"),
      expiresAfterMs: durationMs("messages without expiresAt expire after this", hours(24)),
      receiptDeadlineMs: durationMs("a provider silent for this long: the message is closed as expired", deadlineMs),
      retry: retry(seconds(1)),
    })
    .prefault({});

const secret = z.string().min(1).meta({ secret: true });

const optionalUrl = (protocols: RegExp, doc: string) => z.url({ protocol: protocols }).nullable().default(null).describe(doc);

const sandbox = z
  .strictObject({
    receiptDelayMs: durationMs("receipts come after this", 300),
    slowReceiptDelayMs: durationMs("receipts of `slow` recipients come after this", seconds(5)),
    retryAfterMs: durationMs("what `throttle` recipients ask for", seconds(2)),
  })
  .prefault({});

const providers = z
  .strictObject({
    sandbox: sandbox.describe("delivers into a local outbox; needs nothing"),
    smtp: z
      .strictObject({
        host: z.string().default("localhost").describe("name of the mail server"),
        port: z.number().int().min(1).max(65_535).default(587).describe("port of the mail server"),
        secure: z.boolean().default(false).describe("TLS from the first byte; else STARTTLS where offered"),
        requireTls: z.boolean().default(true).describe("refuse to send without TLS"),
        username: z.string().nullable().default(null).describe("account"),
        password: secret.nullable().default(null).describe("its password"),
        connections: count("most connections at once", 5),
      })
      .prefault({})
      .describe("any SMTP server; its acceptance counts as delivery"),
    ses: z
      .strictObject({
        configurationSet: z.string().nullable().default(null).describe("SES configuration set whose events report deliveries"),
      })
      .prefault({})
      .describe("AWS SES, by SendRawEmail"),
    sns: z.strictObject({}).prefault({}).describe("AWS SNS push, by Publish to an endpoint; its acceptance counts as delivery"),
    kaleyra: z
      .strictObject({
        url: z
          .url({ protocol: /^https?$/ })
          .default("https://api.kaleyra.io")
          .describe("base address of the API"),
        sid: z.string().nullable().default(null).describe("account's SID"),
        apiKey: secret.nullable().default(null).describe("API key"),
        messageType: z.enum(["OTP", "MKT", "TXN"]).default("TXN").describe("type of SMS"),
        callbackUrl: optionalUrl(/^https$/, "where Kaleyra reports deliveries"),
      })
      .prefault({})
      .describe("Kaleyra's SMS API"),
  })
  .prefault({});

const templatePart = z.string().optional();
const template = z.strictObject({
  email: z.strictObject({ subject: templatePart, text: templatePart, html: templatePart }).optional(),
  sms: z.strictObject({ text: templatePart }).optional(),
  push: z.strictObject({ title: templatePart, text: templatePart }).optional(),
});

export const configSchema = z.strictObject({
  profile: z
    .enum(["embedded", "cluster"])
    .default("embedded")
    .describe("embedded: one process, nothing installed; cluster: Kafka, Redis, MongoDB, a schema registry"),
  instance: z
    .string()
    .min(1)
    .default("carillon")
    .describe("name of this process in lineage and claims, unlike any other; host and pid unless given"),
  dataDir: z.string().min(1).default(".carillon").describe("folder of the embedded store and the sandbox's outbox"),
  http: z
    .strictObject({
      enabled: z.boolean().default(true).describe("whether this process listens"),
      host: z.string().default("127.0.0.1").describe("address to listen on"),
      port: z.number().int().min(0).max(65_535).default(8080).describe("port to listen on; 0: any free one"),
      bodyLimitBytes: z.number().int().min(1_024).max(16_777_216).default(1_048_576).describe("largest request body, in bytes"),
      apiKeys: z
        .array(
          z.strictObject({
            tenant: z.string().min(1).describe("whose requests they are"),
            key: secret.describe("the key, sent as a bearer token"),
          }),
        )
        .default([])
        .describe("keys by which tenants are known; needed when listening beyond loopback"),
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
    })
    .prefault({}),
  lanes: z
    .strictObject({
      critical: lane(2, 1).describe("one-time passwords, alarms"),
      high: lane(2, 1).describe("what somebody waits for"),
      normal: lane(2, 1).describe("everything else"),
      bulk: lane(1, 1).describe("campaigns"),
    })
    .prefault({}),
  receipts: z.strictObject(queue(2, 1)).prefault({}).describe("what providers report"),
  lineage: z
    .strictObject({
      partitions: count("partitions of the lineage topic", 2),
      consumers: count("consumers in each process", 1),
      maxBatchRecords: count("most events in one write", 2_000),
    })
    .prefault({}),
  channels: z
    .strictObject({
      email: channel(["sandbox", "smtp", "ses"], hours(72)),
      sms: channel(["sandbox", "kaleyra"], hours(24)),
      push: channel(["sandbox", "sns"], hours(1)),
    })
    .prefault({}),
  providers,
  templates: z
    .record(z.string().regex(/^[a-z0-9][a-z0-9_-]*$/), template)
    .default({})
    .describe("Liquid templates by name and channel"),
  limits: z
    .strictObject({
      contentBytes: z
        .number()
        .int()
        .min(1)
        .max(900_000)
        .default(defaultLimits.contentBytes)
        .describe("most bytes of content, all parts together"),
      smsSegments: count("most parts of one SMS", defaultLimits.smsSegments),
      pushBytes: count("most bytes of one push message", defaultLimits.pushBytes),
    })
    .prefault({}),
  delivery: z
    .strictObject({
      sendTimeoutMs: durationMs("longest call of a provider", seconds(10)),
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
        .describe("what this process consumes, as patterns such as intake/*, dispatch/dispatch.sms.*; empty: everything"),
      expireListener: z.boolean().default(true).describe("whether this process fires timers"),
      stageTimeoutMs: durationMs("longest time that one record may take", seconds(60)),
      drainMs: durationMs("how long records in hand may take to end when a partition is revoked or the process stops", seconds(15)),
      commitEveryMs: durationMs("offsets are committed at most this often", 100, 10),
      maxBatchRecords: count("most records in one batch", 500),
    })
    .prefault({}),
  jobs: z
    .strictObject({
      enabled: z.boolean().default(true).describe("whether this process runs jobs; each runs once per cluster"),
      overduePattern: z
        .string()
        .min(9)
        .default("17 * * * *")
        .describe("cron pattern (UTC) by which messages that should have ended long ago are closed"),
    })
    .prefault({}),
  kafka: z
    .strictObject({
      brokers: z
        .array(z.string().regex(/^[^\s:]+:\d+$/, "is not host:port"))
        .default([])
        .describe("host:port of the brokers"),
      client: z
        .enum(kafkaClients)
        .default("kafkajs")
        .describe(
          "library that moves the records: kafkajs, or platformatic (docs/benchmarks.md compares); all processes of a cluster use one",
        ),
      clientId: z.string().min(1).default("carillon").describe("name shown in the brokers' logs"),
      sessionTimeoutMs: durationMs("a consumer silent for this long loses its partitions", seconds(30)),
      lingerMs: durationMs("how long sends wait to be coalesced", 5),
    })
    .prefault({}),
  redis: z
    .strictObject({
      url: optionalUrl(/^rediss?$/, "address of Redis"),
      prefix: z.string().min(1).default("carillon").describe("first part of every key"),
    })
    .prefault({}),
  mongo: z
    .strictObject({
      url: z
        .string()
        .regex(/^mongodb(\+srv)?:\/\/\S+$/, "is not a connection string of MongoDB")
        .nullable()
        .default(null)
        .describe("connection string of MongoDB"),
      database: z.string().min(1).default("carillon").describe("name of the database"),
    })
    .prefault({}),
  registry: z
    .strictObject({
      url: optionalUrl(/^https?$/, "address of the Confluent-compatible schema registry"),
      username: z.string().nullable().default(null).describe("account"),
      password: secret.nullable().default(null).describe("its password"),
    })
    .prefault({}),
  aws: z
    .strictObject({
      region: z.string().min(1).default("us-east-1").describe("AWS region; credentials come from AWS's usual places"),
      endpoint: optionalUrl(/^https?$/, "another endpoint than AWS's own"),
    })
    .prefault({}),
  log: z
    .strictObject({ level: z.enum(["debug", "info", "warn", "error"]).default("warn").describe("least severity that is logged") })
    .prefault({}),
});

export type Config = z.output<typeof configSchema>;
export type ConfigInput = z.input<typeof configSchema>;
