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

const providerName = z.string().regex(/^[a-z0-9][a-z0-9_-]*$/, "is not a name: small letters, digits, - and _");

/** Names in order of preference, or names with weights. */
const ways = z
  .array(
    z.union(
      [providerName, z.strictObject({ name: providerName, weight: z.number().int().min(0).max(1_000) })],
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
      "providers, by their names under `providers`, in order of preference; or {name, weight}: shares, 0 for what the others cannot take",
    ),
  routes: z
    .array(
      z.strictObject({
        recipient: z.string().min(1).nullable().default(null).describe("what recipients begin with (+91), or for @example.com end with"),
        tenant: tenantName.nullable().default(null).describe("whose messages"),
        lane: z
          .enum(lanes as [Lane, ...Lane[]])
          .nullable()
          .default(null)
          .describe("of which lane"),
        providers: ways.describe("as above"),
      }),
    )
    .default([])
    .describe("other providers for some messages; the first that fits counts"),
  from: senderOf(name).nullable().default(null).describe("sender where a message names none; every tenant may name it"),
  senders: z
    .array(
      z.strictObject({
        tenant: tenantName.nullable().default(null).describe("for whose messages"),
        prefix: z.string().default("").describe("what recipients begin with, such as a country code"),
        from: senderOf(name).describe("the sender"),
      }),
    )
    .default([])
    .describe("other senders for some messages: the tenant's own first, then the longest prefix"),
  allowSenders: z
    .array(
      z.strictObject({
        tenant: tenantName.nullable().default(null).describe("whose messages; null: of every tenant"),
        from: allowedSenderOf(name).describe("a sender, @domain for all its addresses (email), or * for any sender"),
      }),
    )
    .default([])
    .describe("senders that a message may name besides `from` and `senders`; Carillon refuses a message that names another one"),
  expiresAfterMs: durationMs("messages without expiresAt expire after this", expiresAfterMs),
  receiptDeadlineMs: durationMs("a provider silent for this long: the message is closed as expired", receiptDeadlineMs),
  retry: retryPolicy(retryBaseMs).describe("when a failed attempt is made again"),
  retryBy: retryByKind("what is different by kind of failure"),
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
  const keys = Object.fromEntries(parts.map((part) => [part, z.string().optional()]));
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
