import { z } from "zod";
import { isZone, timeForms } from "../wire/receipt-time.js";
import { addressRange, count, cronPattern, durationMs, hours, retryByKind, retryChanges, sharedSecret } from "./keys.js";

/** Whether a range excludes most of the Internet. */
const isNarrow = (range: string): boolean => Number(range.split("/")[1]) >= (range.includes(":") ? 16 : 8);

/** Keys that every provider has, in addition to its own. */
const common = {
  limits: z
    .strictObject({
      perSecond: z
        .number()
        .positive()
        .max(1_000_000)
        .nullable()
        .default(null)
        .describe("sends a second of the account, over all processes; null: what the provider tells (SES), else no limit"),
      burst: z
        .number()
        .int()
        .min(1)
        .max(1_000_000)
        .nullable()
        .default(null)
        .describe("how many may go at once after a pause; null: a second's"),
      inFlight: count("most calls in hand at once in each process", 500),
      inFlightPerTenant: z.number().int().min(1).max(100_000).nullable().default(null).describe("most of them for one tenant; null: all"),
    })
    .prefault({})
    .describe("how much it is given"),
  retry: retryChanges("what is different from the channel's retry"),
  retryBy: retryByKind("what is different by kind of failure"),
  prices: z
    .array(
      z.strictObject({
        prefix: z.string().default("").describe("what recipients begin with; empty: all"),
        mode: z.enum(["credit", "per_message"]).describe("credits of a prepaid account, or money"),
        amount: z.number().min(0).describe("for each message, or each part of an SMS"),
        currency: z
          .string()
          .regex(/^[A-Z]{3}$/)
          .nullable()
          .default(null)
          .describe("ISO 4217"),
      }),
    )
    .default([])
    .describe("what it charges, noted in lineage; the longest prefix counts"),
  callback: z
    .strictObject({
      token: sharedSecret.nullable().default(null).describe("sent as ?token=… or in the header X-Callback-Token; at least 20 characters"),
      username: z.string().nullable().default(null).describe("account of basic authentication"),
      password: sharedSecret.nullable().default(null).describe("its password"),
      hmac: z
        .strictObject({
          secret: sharedSecret.describe("shared key"),
          header: z.string().min(1).default("x-signature").describe("header that carries the signature of the body"),
          algorithm: z.enum(["sha256", "sha1", "sha512"]).default("sha256").describe("hash"),
          encoding: z.enum(["hex", "base64"]).default("hex").describe("how the signature is written"),
        })
        .nullable()
        .default(null)
        .describe("HMAC over the body; fields then count from the body alone, and GET is refused"),
      addresses: z
        .array(addressRange.refine(isNarrow, "is too wide to prove anything: give the provider's own ranges"))
        .default([])
        .describe("only from these ranges, such as 203.0.113.0/24"),
    })
    .prefault({})
    .describe(
      "how the provider proves itself to /v1/callbacks/<name>: all proofs given must hold; without one, and without a signature of the provider's own, every callback is refused",
    ),
  receiptTimes: z
    .strictObject({
      zone: z
        .string()
        .refine(isZone, "is not UTC, a name such as Asia/Kolkata, or an offset such as +05:30")
        .default("UTC")
        .describe("zone of times that name none"),
      form: z
        .enum(timeForms)
        .default("auto")
        .describe(
          "auto: ISO 8601, seconds or milliseconds since 1970, or YYMMDDhhmm with or without seconds and century; day_first and month_first: 03/04/2026",
        ),
    })
    .prefault({})
    .describe("how it writes the time of a receipt; a time that cannot be right is replaced by that of arrival"),
  pull: z
    .strictObject({
      pattern: cronPattern("by which it is asked for what it did not report", "23 3 * * *"),
      afterMs: durationMs("messages that have been silent for this long are asked for", hours(1)),
    })
    .prefault({})
    .describe("where the provider can be asked"),
};

const commonObject = z.strictObject(common);

export type ProviderConfig = z.output<typeof commonObject> & { readonly type: string } & Readonly<Record<string, unknown>>;
export type ProviderConfigInput = z.input<typeof commonObject> & { readonly type?: string } & Readonly<Record<string, unknown>>;

/** The parts of a provider type that the configuration uses. */
export interface ConfigurableProvider {
  readonly type: string;
  /** A short description. */
  readonly doc: string;
  /** The provider's own keys under `providers.<name>`. */
  readonly options: z.ZodObject;
}

const ofType = ({ options, type }: ConfigurableProvider, known: boolean) =>
  z.strictObject({
    type: (known ? z.literal(type).default(type) : z.literal(type)).describe("which type of provider"),
    ...options.shape,
    ...common,
  });

/** Each type's default provider has the type's name. Others of the same type have their own names and state their type. */
export const providersSchemaOf = (definitions: readonly ConfigurableProvider[]) => {
  const [first, ...others] = definitions.map((definition) => ofType(definition, false));
  return z
    .object(
      Object.fromEntries(
        definitions.map((definition) => [definition.type, (ofType(definition, true) as z.ZodObject).prefault({}).describe(definition.doc)]),
      ),
    )
    .catchall(z.discriminatedUnion("type", [first as NonNullable<typeof first>, ...others]))
    .prefault({}) as unknown as z.ZodPrefault<
    z.ZodType<Readonly<Record<string, ProviderConfig>>, Readonly<Record<string, Partial<ProviderConfigInput>>>>
  >;
};
