import { z } from "zod";
import type { AuditView } from "../../../operations/tenants/audit-desk.js";
import type { IssuedKey, KeyView } from "../../../operations/tenants/key-desk.js";
import type { SettingsView } from "../../../operations/tenants/settings-desk.js";
import type { TenantView } from "../../../operations/tenants/tenant-desk.js";
import type { TokenKeyView } from "../../../operations/tenants/token-key-desk.js";
import { named } from "../named.js";

const instant = z.iso.datetime();

export const tenantSchema = named(
  "Tenant",
  z.strictObject({
    id: z.string(),
    name: z.string(),
    status: z.string().describe("active or suspended; a later version may have others"),
    createdAt: instant,
    changedAt: instant,
  }),
) satisfies z.ZodType<TenantView>;

const limit = z.number().nullable();

export const settingsSchema = named(
  "TenantSettings",
  z.strictObject({
    locale: z
      .string()
      .nullable()
      .describe("The language of the tenant, as a BCP 47 tag. Templates of messages to users without a locale get it; null: none"),
    timeZone: z
      .string()
      .nullable()
      .describe(
        "The time zone in which the day of a quota ends, as a name of the IANA database; null: UTC. Templates of messages to users without one get it, unless it is null",
      ),
    quotas: z.strictObject({ messagesPerDay: limit.describe("null: no limit") }),
    rates: z.strictObject({
      requestsPerSecond: limit.describe("null: no limit"),
      messagesPerSecond: limit.describe("null: no limit"),
      criticalPerSecond: limit.describe("null: the rate of the configuration"),
    }),
    senders: z.record(z.string(), z.array(z.string())).describe("The only senders that messages may name, by channel"),
  }),
) satisfies z.ZodType<SettingsView>;

export const keySchema = named(
  "Key",
  z.strictObject({
    id: z.string(),
    name: z.string(),
    scopes: z.array(z.string()).describe("send, read, manage and operate; a later version may have others"),
    test: z.boolean().describe("Whether its messages reach the sandbox only"),
    state: z.enum(["valid", "expired", "revoked"]),
    createdAt: instant,
    expiresAt: instant.nullable(),
    revokedAt: instant.nullable(),
    lastUsedAt: instant.nullable().describe("To the minute; null if it was not used in the last 400 days"),
  }),
) satisfies z.ZodType<KeyView>;

export const issuedKeySchema = named(
  "IssuedKey",
  z.strictObject({ id: z.string(), key: z.string().describe("The key itself. No later answer has it") }),
) satisfies z.ZodType<IssuedKey>;

export const tokenKeySchema = named(
  "TokenKey",
  z.strictObject({
    kid: z.string().describe("By which tokens name the key"),
    alg: z.string().describe("The only algorithm of its tokens"),
    publicKey: z.string().nullable().describe("In PEM; null if the key is in a set"),
    jwksUrl: z.string().nullable().describe("The URL of its JSON Web Key Set; null without one"),
    createdAt: instant,
  }),
) satisfies z.ZodType<TokenKeyView>;

const state = z.record(z.string(), z.unknown()).nullable();

export const auditEntrySchema = named(
  "AuditEntry",
  z.strictObject({
    id: z.string(),
    at: instant,
    actor: z.string().describe("Who made the change, such as key:shop:k-1"),
    action: z.string().describe("Such as key.revoke"),
    tenant: z.string().nullable().describe("The tenant whose data changed; null: the installation"),
    target: z.string().describe("What changed, such as key k-1"),
    before: state.describe("The fields that differ, before the change; null: there was nothing"),
    after: state.describe("The same fields after the change; null: there is nothing"),
    requestId: z.string().nullable().describe("X-Request-Id of the answer"),
    erased: z.boolean().describe("Whether a person was erased from the entry"),
  }),
) satisfies z.ZodType<AuditView>;
