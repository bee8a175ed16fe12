import { z } from "zod";
import type { Summary } from "../../../reports/summary.js";
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
