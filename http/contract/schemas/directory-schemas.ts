import { z } from "zod";
import type { GroupView, MembershipView, MemberView, UserView } from "../../../directory/views.js";
import { named } from "../named.js";
import { findingSchema } from "../problem-schema.js";

const instant = z.iso.datetime();
const value = z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]);
const attributes = z.record(z.string(), value);
const devices = z.array(z.union([z.string(), z.strictObject({ address: z.string(), app: z.string() })]));

export const userSchema = named(
  "User",
  z.strictObject({
    id: z.string(),
    addresses: z.strictObject({
      email: z.string().optional(),
      sms: z.string().optional(),
      push: devices.optional(),
      http: z.string().optional(),
      device: devices.optional(),
    }),
    locale: z.string().optional(),
    timeZone: z.string().optional(),
    attributes: attributes.optional(),
    createdAt: instant,
    changedAt: instant,
    revision: z.number().int().describe("Grows by one with each change of the user itself; registrations of devices do not change it"),
  }),
) satisfies z.ZodType<UserView>;

export const groupSchema = named(
  "Group",
  z.strictObject({
    id: z.string(),
    name: z.string().nullable(),
    attributes,
    members: z.number().int(),
    version: z.number().int().describe("The latest version whose joins and leaves are complete"),
    createdAt: instant,
    changedAt: instant,
  }),
) satisfies z.ZodType<GroupView>;

const channels = z.array(z.string()).describe("The channels that the user subscribed to; empty: all");

export const memberSchema = named(
  "Member",
  z.strictObject({ user: z.string(), channels, joined: z.number().int().describe("The version of the group at which the user joined") }),
) satisfies z.ZodType<MemberView>;

export const membershipSchema = named(
  "Membership",
  z.strictObject({ group: z.string(), channels, joined: z.number().int() }),
) satisfies z.ZodType<MembershipView>;

export const membershipChangeSchema = named(
  "MembershipChange",
  z.strictObject({ version: z.number().int(), members: z.number().int(), changed: z.boolean().describe("Whether anything changed") }),
);

export const importReportSchema = named(
  "ImportReport",
  z.strictObject({
    imported: z.number().int().describe("The number of lines that were stored"),
    failed: z
      .array(z.strictObject({ line: z.number().int().describe("Counted from 1"), errors: z.array(findingSchema) }))
      .describe("The first 1,000 lines that were not stored, each with its first 10 errors"),
    failedCount: z.number().int().describe("The number of all lines that were not stored"),
  }),
);
