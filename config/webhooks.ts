import { z } from "zod";
import { addressRange, count, durationMs, hours, seconds, secret, tenantName } from "./keys.js";
import { queue } from "./queues.js";

/** Kinds of events that webhooks receive. */
export const webhookKinds = ["final", "engagement"] as const;

/** Events about messages, sent to tenants. */
export const webhooksSchema = z
  .strictObject({
    ...queue(2, 1),
    tenants: z
      .record(
        tenantName,
        z.strictObject({
          url: z.url({ protocol: /^https?$/ }).describe("URL that receives the events, by POST"),
          secret: z
            .union([secret, z.array(secret).min(1).max(5)])
            .describe(
              "24 to 64 random bytes in base64, optionally after whsec_ (Standard Webhooks); a list during rotation, newest first: all of them sign",
            ),
          kinds: z
            .array(z.enum(webhookKinds))
            .min(1)
            .default([...webhookKinds])
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
    disableAfterMs: durationMs(
      "a webhook whose calls keep failing for this long, at least 10 of them and without a success, is disabled; time without calls does not count",
      hours(24 * 5),
    ),
    allowAddresses: z
      .array(addressRange)
      .default([])
      .describe(
        "private ranges such as 10.20.0.0/16 that webhooks may call, also over http; link-local addresses and cloud metadata stay blocked",
      ),
  })
  .prefault({})
  .describe("events about messages, sent to tenants and signed by the Standard Webhooks specification");
