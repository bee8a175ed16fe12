import { createPrivateKey } from "node:crypto";
import { isIP } from "node:net";
import { Cron } from "croner";
import { z } from "zod";
import { readDomain, readEmailAddress } from "../channels/email-address.js";
import { lineProblem, tenantProblem } from "../channels/one-line.js";
import { isRefusal } from "../channels/refusal.js";
import { readAllowedSender, readSender } from "../channels/senders.js";
import type { Channel } from "../schemas/generated.js";

/** Types of keys that several parts of the configuration share. Durations are in milliseconds. */

export const seconds = (number: number): number => number * 1_000;
export const minutes = (number: number): number => seconds(60 * number);
export const hours = (number: number): number => minutes(60 * number);

export const durationMs = (doc: string, preset: number, leastMs = 0) =>
  z
    .number()
    .int()
    .min(leastMs)
    .max(hours(24 * 366))
    .default(preset)
    .describe(`${doc}, in milliseconds`);

export const count = (doc: string, preset: number, least = 1) => z.number().int().min(least).max(100_000).default(preset).describe(doc);

/** A pattern in the syntax of the library that runs the jobs. */
export const cronPattern = (doc: string, preset: string) =>
  z.string().refine(isCronPattern, "is not a cron pattern such as 7 6 * * *").default(preset).describe(`cron pattern (UTC) ${doc}`);

const isCronPattern = (pattern: string): boolean => {
  try {
    return new Cron(pattern, { timezone: "UTC", paused: true }).nextRun() !== null;
  } catch {
    return false;
  }
};

export const secret = z.string().min(1).meta({ secret: true });

const leastSharedCharacters = 20;
const leastDifferentCharacters = 6;
const howToMakeOne = "generate one with `openssl rand -hex 24`";

const sharedText = z
  .string()
  .min(leastSharedCharacters, `has fewer than ${leastSharedCharacters} characters: ${howToMakeOne}`)
  .refine(
    (text) => new Set(text).size >= leastDifferentCharacters,
    `has fewer than ${leastDifferentCharacters} different characters: ${howToMakeOne}`,
  );

/** A secret that the operator chooses and clients present. It must be too long to guess. */
export const sharedSecret = sharedText.meta({ secret: true });

/** A secret that fits into a header unchanged. Source: RFC 6750, 2.1. */
export const bearerSecret = sharedText
  .regex(/^[\x21-\x7e]*$/, `has spaces or non-ASCII characters, which a bearer token cannot contain: ${howToMakeOne}`)
  .meta({ secret: true });
/** A text with a check that gives its own message. */
export const checked = (problemOf: (text: string) => string | undefined) =>
  z.string().superRefine((text, context) => {
    const problem = problemOf(text);
    if (problem !== undefined) context.addIssue({ code: "custom", message: problem });
  });

/** A tenant's name, by the same rules as in messages. */
export const tenantName = checked(tenantProblem);

/** A sender by the same rules as a message's `from`. */
export const senderOf = (channel: Channel) =>
  checked((text) => {
    const read = readSender(channel, text);
    return isRefusal(read) ? `${read.problem}: ${read.fix}` : undefined;
  });

/** A sender, all addresses of a domain (`@example.com`), or any sender (`*`). */
export const allowedSenderOf = (channel: Channel) =>
  checked((text) => {
    const read = readAllowedSender(channel, text);
    return isRefusal(read) ? `${read.problem}: ${read.fix}` : undefined;
  });

/** One address by the same rules as a message's `to`. */
export const emailAddress = checked((text) => {
  const read = readEmailAddress(text);
  return isRefusal(read) ? read.problem : undefined;
});

/** The tenant of all requests from the same machine when no keys are configured. */
export const localTenant = "local";

/** A domain name, or null. */
export const optionalDomain = (doc: string) =>
  checked((text) => {
    const read = readDomain(text);
    return isRefusal(read) ? read.problem : undefined;
  })
    .nullable()
    .default(null)
    .describe(doc);

const hostName = /^[a-z0-9]([a-z0-9._-]*[a-z0-9])?$/i;

/** A host: a name or an IP address, without scheme or port. */
export const hostOrIp = checked((text) =>
  isIP(text) !== 0 || hostName.test(text) ? undefined : "is not a host name or IP address without scheme and port",
);

/** host:port, as in lists of servers. */
export const hostAndPort = checked((text) => {
  const [, name = "", port = ""] = /^([^\s:/]+):(\d+)$/.exec(text) ?? [];
  if (name === "") return "is not host:port";
  return Number(port) >= 1 && Number(port) <= 65_535 ? undefined : `has the port ${port}, which is not between 1 and 65535`;
});

/** Ranges of addresses, or single ones. */
export const addressRange = z.union([z.cidrv4(), z.cidrv6()], "is not an address range such as 10.20.0.0/16");
export const addressOrRange = z.union(
  [z.cidrv4(), z.cidrv6(), z.ipv4(), z.ipv6()],
  "is not an address such as 10.20.0.1, or a range such as 10.20.0.0/16",
);

/** A PEM key. Checked at the start, because a truncated one would fail only at the first message. */
export const pemKey = checked((text) => {
  try {
    createPrivateKey(text);
    return undefined;
  } catch {
    return "is not a private key in PEM without a passphrase";
  }
});

/** A text that a protocol transmits in one line or as a NUL-terminated string. */
export const oneLine = checked(lineProblem);

export const optionalUrl = (protocols: RegExp, doc: string) => z.url({ protocol: protocols }).nullable().default(null).describe(doc);

const longest = hours(24 * 366);

const retryKeys = {
  baseMs: z.number().int().min(0).max(longest).describe("delay after the first failed attempt, in milliseconds"),
  factor: z.number().min(1).max(10).describe("factor by which each further delay grows"),
  maxDelayMs: z.number().int().min(0).max(longest).describe("longest delay, in milliseconds"),
  jitter: z.number().min(0).max(1).describe("random addition to each delay, as a share of it"),
  maxAttempts: z.number().int().min(1).max(1_000).describe("maximum number of attempts"),
  maxAgeMs: z
    .number()
    .int()
    .min(0)
    .max(longest)
    .describe("maximum age of a message at an attempt, counted from its acceptance or its notBefore, in milliseconds"),
};

const described = (schema: z.ZodNumber, preset: number) => schema.default(preset).describe(schema.description ?? "");

/** When and how often a failed attempt is repeated. */
export const retryPolicy = (baseMs: number) =>
  z
    .strictObject({
      baseMs: described(retryKeys.baseMs, baseMs),
      factor: described(retryKeys.factor, 2),
      maxDelayMs: described(retryKeys.maxDelayMs, minutes(15)),
      jitter: described(retryKeys.jitter, 0.2),
      maxAttempts: described(retryKeys.maxAttempts, 8),
      maxAgeMs: described(retryKeys.maxAgeMs, hours(24)),
    })
    .prefault({});

const partialRetry = z.strictObject(retryKeys).partial();

/** Any of the keys of a retry policy. */
export const retryChanges = (doc: string) => partialRetry.default({}).describe(doc);

/** Any of the keys, by kind of failure. */
export const retryByKind = (doc: string) =>
  z
    .strictObject({
      temporary_failure: partialRetry.optional(),
      throttled: partialRetry.optional(),
      ambiguous: partialRetry.optional(),
    })
    .default({})
    .describe(doc);
