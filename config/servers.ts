import { z } from "zod";
import { kafkaClients } from "../stores/event-log/event-log.js";
import { checked, count, durationMs, hostAndPort, optionalUrl, seconds, secret } from "./keys.js";
import { mongoUrlProblem } from "./mongo-url.js";

/** The servers of the cluster profile, and the security of connections to them. */

const optionalText = (doc: string) => z.string().min(1).nullable().default(null).describe(doc);
const optionalSecret = (doc: string) => secret.nullable().default(null).describe(doc);

const tls = z
  .strictObject({
    enabled: z.boolean().default(false).describe("whether connections use TLS and verify the server's certificate"),
    caFile: optionalText("file with the CA certificates (PEM) for the server; null: the CAs that Node.js trusts"),
    certFile: optionalText("file with Carillon's client certificate (PEM), if the server requires one"),
    keyFile: optionalText("file with the private key of the client certificate (PEM)"),
    serverName: optionalText("name in the server's certificate, if it differs from the server's address"),
  })
  .prefault({})
  .describe("TLS");

export type TlsConfig = z.output<typeof tls>;

export const saslMechanisms = ["plain", "scram-sha-256", "scram-sha-512", "oauthbearer"] as const;

const sasl = z
  .strictObject({
    mechanism: z.enum(saslMechanisms).nullable().default(null).describe("SASL mechanism; null: no authentication"),
    username: optionalText("user name, for plain and scram-…"),
    password: optionalSecret("password, for plain and scram-…"),
    tokenUrl: optionalUrl(/^https?$/, "for oauthbearer: token endpoint for client credentials (RFC 6749, 4.4)"),
    clientId: optionalText("for oauthbearer: client ID"),
    secret: optionalSecret("for oauthbearer: client secret"),
    scope: optionalText("for oauthbearer: scope to request"),
  })
  .prefault({})
  .describe("authentication to the brokers");

export type SaslConfig = z.output<typeof sasl>;

export const kafkaSchema = z
  .strictObject({
    brokers: z.array(hostAndPort).default([]).describe("host:port of the brokers"),
    client: z
      .enum(kafkaClients)
      .default("platformatic")
      .describe("client library: kafkajs or platformatic (docs/benchmarks.md compares them); all processes of a cluster use the same one"),
    clientId: z.string().min(1).default("carillon").describe("client ID in the brokers' logs"),
    sessionTimeoutMs: durationMs("a consumer that is silent for this long loses its partitions", seconds(30)),
    lingerMs: durationMs("how long sends wait to be combined into a batch", 5),
    maxBatchBytes: z
      .number()
      .int()
      .min(1_048_576)
      .max(1_073_741_824)
      .default(67_108_864)
      .describe("maximum size of a decompressed batch of records in bytes; a larger one becomes a dead letter"),
    tls,
    sasl,
  })
  .prefault({});

export const redisSchema = z
  .strictObject({
    url: z
      .url({ protocol: /^rediss?$/, error: "is not a URL such as redis://host:6379" })
      .refine((url) => !URL.canParse(url) || /^\/?\d*$/.test(new URL(url).pathname), "has a database that is not a number such as /0")
      .nullable()
      .default(null)
      .describe("URL of a single Redis server; omit it with Sentinel or a cluster"),
    sentinel: z
      .strictObject({
        addresses: z.array(hostAndPort).default([]).describe("host:port of the sentinels"),
        name: z.string().min(1).default("mymaster").describe("name of the master in Sentinel"),
        username: optionalText("user name at the sentinels"),
        password: optionalSecret("password at the sentinels"),
      })
      .prefault({})
      .describe("Redis Sentinel, which locates the master"),
    cluster: z.array(hostAndPort).default([]).describe("host:port of some nodes of a Redis Cluster; Carillon discovers the others"),
    username: optionalText("ACL user name, unless the URL has it"),
    password: optionalSecret("password, unless the URL has it"),
    tls,
    replicas: count("replicas that must have a write before it counts (WAIT), as long as they are available", 0, 0),
    prefix: z.string().min(1).default("carillon").describe("prefix of every key"),
  })
  .prefault({});

export type RedisConfig = z.output<typeof redisSchema>;

export const mongoSchema = z
  .strictObject({
    url: checked(mongoUrlProblem).nullable().default(null).describe("connection string of MongoDB"),
    username: optionalText("user name, unless the URL has it"),
    password: optionalSecret("password, unless the URL has it"),
    tls,
    database: z.string().min(1).default("carillon").describe("name of the database"),
  })
  .prefault({});

export const registrySchema = z
  .strictObject({
    url: optionalUrl(/^https?$/, "URL of the Confluent-compatible schema registry"),
    username: optionalText("user name"),
    password: optionalSecret("password"),
    tls,
  })
  .prefault({});
