import { z } from "zod";
import { kafkaClients } from "../stores/event-log/event-log.js";
import { checked, count, durationMs, hostAndPort, optionalUrl, seconds, secret } from "./keys.js";
import { mongoUrlProblem } from "./mongo-url.js";

/** The servers of the cluster profile, and the security of connections to them. */

const optionalText = (doc: string) => z.string().min(1).nullable().default(null).describe(doc);
const optionalSecret = (doc: string) => secret.nullable().default(null).describe(doc);

const tls = z
  .strictObject({
    enabled: z.boolean().default(false).describe("whether connections are encrypted, and the server's certificate is checked"),
    caFile: optionalText("file of the certificates (PEM) that vouch for the server; null: those that Node.js trusts"),
    certFile: optionalText("file of Carillon's own certificate (PEM), where the server asks for one"),
    keyFile: optionalText("file of its private key (PEM)"),
    serverName: optionalText("name that the server's certificate is for, where that is not its address"),
  })
  .prefault({})
  .describe("encrypted connections");

export type TlsConfig = z.output<typeof tls>;

export const saslMechanisms = ["plain", "scram-sha-256", "scram-sha-512", "oauthbearer"] as const;

const sasl = z
  .strictObject({
    mechanism: z.enum(saslMechanisms).nullable().default(null).describe("how Carillon shows the brokers who it is; null: not at all"),
    username: optionalText("account, for plain and scram-…"),
    password: optionalSecret("its password"),
    tokenUrl: optionalUrl(/^https?$/, "for oauthbearer: where tokens are given for client credentials (RFC 6749, 4.4)"),
    clientId: optionalText("for oauthbearer: Carillon's id there"),
    secret: optionalSecret("for oauthbearer: its secret"),
    scope: optionalText("for oauthbearer: what is asked for"),
  })
  .prefault({})
  .describe("who Carillon is to the brokers");

export type SaslConfig = z.output<typeof sasl>;

export const kafkaSchema = z
  .strictObject({
    brokers: z.array(hostAndPort).default([]).describe("host:port of the brokers"),
    client: z
      .enum(kafkaClients)
      .default("kafkajs")
      .describe(
        "library that moves the records: kafkajs, or platformatic (docs/benchmarks.md compares); all processes of a cluster use one",
      ),
    clientId: z.string().min(1).default("carillon").describe("name shown in the brokers' logs"),
    sessionTimeoutMs: durationMs("a consumer silent for this long loses its partitions", seconds(30)),
    lingerMs: durationMs("how long sends wait to be coalesced", 5),
    maxBatchBytes: z
      .number()
      .int()
      .min(1_048_576)
      .max(1_073_741_824)
      .default(67_108_864)
      .describe("a batch of records that holds more bytes than this once it is decompressed becomes a dead letter"),
    tls,
    sasl,
  })
  .prefault({});

export const redisSchema = z
  .strictObject({
    url: z
      .url({ protocol: /^rediss?$/, error: "is not an address such as redis://host:6379" })
      .refine((url) => !URL.canParse(url) || /^\/?\d*$/.test(new URL(url).pathname), "has a database that is no number, such as /0")
      .nullable()
      .default(null)
      .describe("address of one Redis; with Sentinel or a cluster leave it out"),
    sentinel: z
      .strictObject({
        addresses: z.array(hostAndPort).default([]).describe("host:port of the sentinels"),
        name: z.string().min(1).default("mymaster").describe("what they call the master"),
        username: optionalText("account at the sentinels"),
        password: optionalSecret("its password"),
      })
      .prefault({})
      .describe("Redis Sentinel, which says who is the master"),
    cluster: z.array(hostAndPort).default([]).describe("host:port of some nodes of a Redis Cluster; the others are found"),
    username: optionalText("account (ACL), unless the url has it"),
    password: optionalSecret("its password, unless the url has it"),
    tls,
    replicas: count("a write counts once so many replicas have it (WAIT), as long as they are there", 0, 0),
    prefix: z.string().min(1).default("carillon").describe("first part of every key"),
  })
  .prefault({});

export type RedisConfig = z.output<typeof redisSchema>;

export const mongoSchema = z
  .strictObject({
    url: checked(mongoUrlProblem).nullable().default(null).describe("connection string of MongoDB"),
    username: optionalText("account, unless the url has it"),
    password: optionalSecret("its password, unless the url has it"),
    tls,
    database: z.string().min(1).default("carillon").describe("name of the database"),
  })
  .prefault({});

export const registrySchema = z
  .strictObject({
    url: optionalUrl(/^https?$/, "address of the Confluent-compatible schema registry"),
    username: optionalText("account"),
    password: optionalSecret("its password"),
    tls,
  })
  .prefault({});
