import { z } from "zod";
import { guarantees } from "../stores/event-log/event-log.js";
import { count, durationMs, hours, seconds } from "./keys.js";

/** The topics of the log, and the queues that read them. */

const guarantee = z
  .enum(guarantees)
  .default("at_least_once")
  .describe("delivery guarantee when a worker fails: at_most_once, at_least_once or exactly_once (docs/semantics.md)");

/** The keys that every queue has. */
export const queue = (partitions: number, consumers: number) => ({
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

export const topicsSchema = z
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
  .prefault({});

export const lanesSchema = z
  .strictObject({
    critical: lane(2, 1, seconds(10)).describe("one-time passwords, alarms"),
    high: lane(2, 1).describe("messages that a person is waiting for"),
    normal: lane(2, 1).describe("all other messages"),
    bulk: lane(1, 1).describe("campaigns"),
  })
  .prefault({});

export const receiptsSchema = z.strictObject(queue(2, 1)).prefault({}).describe("receipts from providers");
