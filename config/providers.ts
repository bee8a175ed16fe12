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
        .describe("maximum sends per second for the account, over all processes; null: the provider's own limit (SES), else no limit"),
      burst: z
        .number()
        .int()
        .min(1)
        .max(1_000_000)
        .nullable()
        .default(null)
        .describe("maximum burst of sends after a pause; null: one second's worth"),
      inFlight: count("maximum number of calls in flight per process", 500),
      inFlightPerTenant: z
        .number()
        .int()
        .min(1)
        .max(100_000)
        .nullable()
        .default(null)
        .describe("maximum number of these calls for one tenant; null: all"),
    })
    .prefault({})
    .describe("rate and concurrency limits"),
  retry: retryChanges("changes to the channel's retry policy"),
  retryBy: retryByKind("changes to the retry policy by kind of failure"),
  prices: z
    .array(
      z.strictObject({
        prefix: z.string().default("").describe("prefix of recipients; empty: all"),
        mode: z.enum(["credit", "per_message"]).describe("credit: credits of a prepaid account; per_message: money"),
        amount: z.number().min(0).describe("price of each message, or of each part of an SMS"),
        currency: z
          .string()
          .regex(/^[A-Z]{3}$/)
          .nullable()
          .default(null)
          .describe("ISO 4217"),
      }),
    )
    .default([])
    .describe("prices, which lineage records; the longest prefix applies"),
  callback: z
    .strictObject({
      token: sharedSecret.nullable().default(null).describe("sent as ?token=… or in the header X-Callback-Token; at least 20 characters"),
      username: z.string().nullable().default(null).describe("user name for basic authentication"),
      password: sharedSecret.nullable().default(null).describe("password for basic authentication"),
      hmac: z
        .strictObject({
          secret: sharedSecret.describe("shared key"),
          header: z.string().min(1).default("x-signature").describe("header with the signature of the body"),
          algorithm: z.enum(["sha256", "sha1", "sha512"]).default("sha256").describe("hash algorithm"),
          encoding: z.enum(["hex", "base64"]).default("hex").describe("encoding of the signature"),
        })
        .nullable()
        .default(null)
        .describe("HMAC of the body; Carillon then reads fields only from the body, and refuses GET"),
      addresses: z
        .array(addressRange.refine(isNarrow, "is too wide to identify the provider: give the provider's own ranges"))
        .default([])
        .describe("address ranges that may call, such as 203.0.113.0/24"),
    })
    .prefault({})
    .describe(
      "authentication of callbacks to /v1/callbacks/<name>: every configured method must succeed; without any, and without the provider's own signature, Carillon refuses every callback",
    ),
  receiptTimes: z
    .strictObject({
      zone: z
        .string()
        .refine(isZone, "is not UTC, a name such as Asia/Kolkata, or an offset such as +05:30")
        .default("UTC")
        .describe("time zone of times without one"),
      form: z
        .enum(timeForms)
        .default("auto")
        .describe(
          "auto: ISO 8601, seconds or milliseconds since 1970, or YYMMDDhhmm with or without seconds and century; day_first and month_first: 03/04/2026",
        ),
    })
    .prefault({})
    .describe("format of receipt times; Carillon replaces implausible times by the time of arrival"),
  pull: z
    .strictObject({
      pattern: cronPattern("of the job that pulls missing receipts", "23 3 * * *"),
      afterMs: durationMs("time without a receipt after which Carillon pulls it", hours(1)),
    })
    .prefault({})
    .describe("pulling missing receipts, if the provider offers it"),
};

const commonObject = z.strictObject(common);

/** Most calls in flight to a tenant's own provider in one process or thread. */
const mostOwnInFlight = 100;

/** The common keys that a tenant's own provider has. Retries, prices and pulls stay the installation's. */
export const ownProviderKeys = {
  limits: z
    .strictObject({
      ...common.limits.unwrap().pick({ perSecond: true, burst: true }).shape,
      inFlight: z.number().int().min(1).max(mostOwnInFlight).default(50).describe("maximum number of calls in flight per process"),
    })
    .prefault({})
    .describe("rate and concurrency limits"),
  callback: common.callback,
  receiptTimes: common.receiptTimes,
};

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
    type: (known ? z.literal(type).default(type) : z.literal(type)).describe("type of provider"),
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
