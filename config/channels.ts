import { z } from "zod";
import { byChannel } from "../channels/by-channel.js";
import type { ChannelDefaults } from "../channels/channel-definition.js";
import { type TextPart, textParts } from "../channels/content-parts.js";
import { channelDefinitions } from "../channels/generated.js";
import { inWords } from "../channels/in-words.js";
import { rulesOf } from "../channels/rules-of.js";
import type { Channel, Lane } from "../schemas/generated.js";
import { channels, lanes } from "../schemas/vocabulary.js";
import { allowedSenderOf, durationMs, retryByKind, retryPolicy, senderOf, tenantName } from "./keys.js";

type Definitions = typeof channelDefinitions;

const providerName = z.string().regex(/^[a-z0-9][a-z0-9_-]*$/, "is not a valid name: use lower-case letters, digits, - and _");

/** Names in order of preference, or names with weights. */
const ways = z
  .array(
    z.union(
      [
        providerName,
        z.strictObject({
          name: providerName.describe("name of the provider"),
          weight: z.number().int().min(0).max(1_000).describe("its weight among the providers, from 0 to 1000; 0: a fallback"),
        }),
      ],
      "is neither the name of a provider nor { name, weight } with a weight of 0 to 1000",
    ),
  )
  .min(1)
  .max(20);

/** Keys that every channel has, in addition to its own. */
const commonKeys = (name: Channel, { expiresAfterMs, receiptDeadlineMs, retryBaseMs }: ChannelDefaults) => ({
  providers: ways
    .default(["sandbox"])
    .describe(
      "providers in order of preference, by their names under `providers`; or {name, weight} to share the traffic, with 0 for a fallback",
    ),
  routes: z
    .array(
      z.strictObject({
        recipient: z.string().min(1).nullable().default(null).describe("prefix of recipients (+91), or their domain (@example.com)"),
        tenant: tenantName.nullable().default(null).describe("tenant of the messages"),
        lane: z
          .enum(lanes as [Lane, ...Lane[]])
          .nullable()
          .default(null)
          .describe("lane of the messages"),
        providers: ways.describe("providers for these messages, in the same form"),
      }),
    )
    .default([])
    .describe("other providers for some messages; the first matching route applies"),
  from: senderOf(name).nullable().default(null).describe("default sender, for messages that name none; every tenant may name it"),
  senders: z
    .array(
      z.strictObject({
        tenant: tenantName.nullable().default(null).describe("tenant of the messages"),
        prefix: z.string().default("").describe("prefix of recipients, such as a country code"),
        from: senderOf(name).describe("the sender"),
      }),
    )
    .default([])
    .describe("default senders for some messages; the tenant's own entries win, then the longest prefix"),
  allowSenders: z
    .array(
      z.strictObject({
        tenant: tenantName.nullable().default(null).describe("tenant that may use the sender; null: every tenant"),
        from: allowedSenderOf(name).describe("a sender, @domain for all its addresses (email), or * for any sender"),
      }),
    )
    .default([])
    .describe("senders that a message may name in addition to `from` and `senders`; Carillon refuses all others"),
  expiresAfterMs: durationMs("lifetime of messages without expiresAt", expiresAfterMs),
  receiptDeadlineMs: durationMs("time without a receipt after which a sent message ends as expired", receiptDeadlineMs),
  retry: retryPolicy(retryBaseMs).describe("retry policy for failed attempts"),
  retryBy: retryByKind("changes to the retry policy by kind of failure"),
});

/** The names of the keys that every channel has. */
export const commonChannelKeys = [...new Set(channels.flatMap((name) => Object.keys(commonKeys(name, rulesOf(name).defaults))))];

const channelSchema = (name: Channel) =>
  z.strictObject({ ...commonKeys(name, rulesOf(name).defaults), ...channelDefinitions[name].options }).prefault({});

type SchemaOf<Keys> = Keys extends z.ZodRawShape ? z.ZodPrefault<z.ZodObject<Keys, z.core.$strict>> : never;
type ChannelSchemas = { readonly [Name in Channel]: SchemaOf<ReturnType<typeof commonKeys> & Definitions[Name]["options"]> };

/** The keys of each channel. */
export const channelsSchema = z.strictObject(byChannel<unknown>(channelSchema) as ChannelSchemas).prefault({});

type Together<Union> = (Union extends unknown ? (one: Union) => void : never) extends (all: infer All) => void ? All : never;

/** The channels' own keys under `limits`. */
export const channelLimits = Object.assign({}, ...Object.values(channelDefinitions).map(({ limits }) => limits)) as Together<
  Definitions[Channel]["limits"]
>;

const saysSomething = (parts: object): boolean => Object.values(parts).some((part) => part !== undefined && part !== "");

const templateOf = (channel: Channel) => {
  const parts = textParts.filter((part) => rulesOf(channel).content.parts.includes(part));
  const keys = Object.fromEntries(parts.map((part) => [part, z.string().optional().describe("Liquid template of this part")]));
  return z
    .strictObject(keys as Record<TextPart, z.ZodOptional<z.ZodString>>)
    .refine(saysSomething, `is empty: give ${inWords(parts)}`)
    .optional();
};

/** Templates by name, with parts for each channel. */
export const templatesSchema = z
  .record(
    z.string().regex(/^[a-z0-9][a-z0-9_-]*$/),
    z.strictObject(byChannel(templateOf)).refine(saysSomething, `is empty: give ${inWords(channels)}`),
  )
  .default({})
  .describe("Liquid templates by name and channel");
