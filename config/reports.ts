import { z } from "zod";
import { dimensions } from "../stores/lineage-store/dimensions.js";
import { type CollectionName, collectionNames } from "../stores/lineage-store/lineage-store.js";
import { count, cronPattern, durationMs, emailAddress, seconds, tenantName } from "./keys.js";

const isTimeZone = (name: string): boolean => {
  try {
    new Intl.DateTimeFormat("en-US", { timeZone: name });
    return true;
  } catch {
    return false;
  }
};

/** Reports and queries, and how long their data is kept. */
export const reportsSchema = z
  .strictObject({
    timeZone: z
      .string()
      .refine(isTimeZone, "is not a time zone such as Asia/Kolkata")
      .default("UTC")
      .describe("time zone of the hours and days in reports; after a change, run `carillon reports rebuild` (docs/reports.md)"),
    deadlineMs: durationMs("timeout of a query", seconds(5), 100),
    inFlight: count(
      "maximum number of concurrent queries per process, shared fairly among tenants; with two or more, one is reserved for operators",
      3,
    ),
    aggregations: z
      .record(
        z.string().regex(/^[a-z0-9][a-z0-9_-]*$/),
        z.strictObject({
          collections: z
            .array(z.enum(collectionNames as [CollectionName, ...CollectionName[]]))
            .min(1)
            .describe("collections that it may query"),
          pipeline: z.string().min(2).describe('stages in extended JSON; {"$var":"name"} is replaced by a variable'),
          doc: z.string().default("").describe("description for users"),
        }),
      )
      .default({})
      .describe("aggregations by name, in addition to the built-in ones"),
    daily: z
      .array(
        z.strictObject({
          name: z
            .string()
            .regex(/^[a-z0-9][a-z0-9_-]*$/)
            .describe("name of the report"),
          to: z.array(emailAddress).min(1).max(50).describe("email addresses of its recipients"),
          tenant: tenantName.default("reports").describe("tenant that sends the report"),
          only: tenantName.nullable().default(null).describe("tenant whose messages it covers; null: all tenants"),
          by: z.array(z.enum(dimensions)).max(3).default(["channel", "provider"]).describe("dimensions to group by"),
          pattern: cronPattern("of the report on the previous day", "7 6 * * *"),
        }),
      )
      .default([])
      .describe("daily reports, which Carillon sends by email"),
    keepMessagesDays: count("days after acceptance that messages and their lineage are kept", 90),
    keepHourlyDays: count("days that hourly counts are kept", 90),
    keepDailyDays: count("days that daily counts are kept", 730),
    keepAuditDays: count("days that entries of the audit log are kept", 730),
  })
  .prefault({})
  .describe("reports and queries");
