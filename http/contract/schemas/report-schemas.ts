import { z } from "zod";
import type { Summary } from "../../../reports/summary.js";
import type { Usage } from "../../../reports/usage.js";
import { named } from "../named.js";

const counts = z.record(z.string(), z.number());
const percentiles = z.strictObject({ p50: z.number(), p95: z.number(), p99: z.number() }).nullable();

const rowSchema = named(
  "SummaryRow",
  z.strictObject({
    by: z.record(z.string(), z.string().nullable()).describe("The group: values of the dimensions and times of by"),
    messages: z.number().int(),
    attempts: z.number().int(),
    statuses: counts,
    deliveryRate: z.number().nullable().describe("Delivered messages as a fraction of all final ones; null if none is final"),
    reasons: counts,
    engagements: counts,
    costs: counts.describe("By currency, or credit"),
    sendLatencyMs: percentiles.describe("From acceptance, or notBefore, until a provider accepted the message"),
    deliveryLatencyMs: percentiles.describe("Until delivery was confirmed"),
  }),
);

export const summarySchema = named(
  "Summary",
  z.strictObject({
    from: z.string().describe("The counted period: whole hours or days that contain the requested one"),
    to: z.string(),
    timeZone: z.string(),
    unit: z.enum(["hour", "day"]),
    total: rowSchema,
    rows: z.array(rowSchema),
  }),
) satisfies z.ZodType<Summary>;

const count = z.number().int();

const usageRowSchema = named(
  "UsageRow",
  z.strictObject({
    day: z.string().describe("The date in the time zone of the reports"),
    tenant: z.string(),
    channel: z.string(),
    messages: count.describe("Accepted messages, of which some may not have ended yet"),
    attempts: count.describe("Calls of providers"),
    ...{ delivered: count, failed: count, expired: count, suppressed: count, cancelled: count },
    costs: counts.describe("By currency, or credit, as providers state them"),
  }),
);

export const usageSchema = named(
  "Usage",
  z.strictObject({
    from: z.string().describe("The counted period, in whole days"),
    to: z.string().describe("The end of the period, exclusive"),
    timeZone: z.string().describe("The zone in which the days begin"),
    items: z.array(usageRowSchema).describe("In the order of day, tenant and channel"),
    cursor: z.null().describe("There is one page"),
  }),
) satisfies z.ZodType<Usage & { readonly cursor: null }>;

export const reportsSchema = named(
  "Reports",
  z.strictObject({
    collections: z.array(z.string()),
    aggregations: z.array(
      z.strictObject({ name: z.string(), doc: z.string(), collections: z.array(z.string()), variables: z.array(z.string()) }),
    ),
    friendly: z.record(z.string(), z.array(z.string())).describe("Routes with simple parameters, and these parameters"),
  }),
);

/** A document in extended JSON. Its fields are those of the store, reduced by keys. */
export const documentSchema = z.record(z.string(), z.unknown());
