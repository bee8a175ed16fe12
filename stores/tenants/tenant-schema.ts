import { z } from "zod";
import { CarillonError } from "../../schemas/errors.js";
import type { Tenant } from "./tenants.js";

/**
 * The shape of stored tenants. It is as wide as possible, because an earlier process reads the documents of a later one: an unknown scope or
 * status must not make a tenant unreadable. Input is checked by a narrower schema (`access/tenant-input.ts`). A new field needs a default
 * here, because documents of earlier versions lack it.
 */

const tenantKey = z.object({
  id: z.string(),
  name: z.string(),
  digest: z.string(),
  scopes: z.array(z.string()),
  test: z.boolean(),
  createdAt: z.date(),
  expiresAt: z.date().nullable(),
  revokedAt: z.date().nullable(),
});

const tokenKey = z.object({
  kid: z.string(),
  alg: z.string(),
  jwksUrl: z.string().nullable(),
  publicKey: z.string().nullable(),
  createdAt: z.date(),
});

const limit = z.number().nullable().default(null);

const provider = z.object({
  type: z.string(),
  options: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
  secrets: z.record(z.string(), z.string()),
});

const webhook = z.object({
  url: z.string(),
  secrets: z.array(z.string()),
  kinds: z.array(z.string()),
  createdAt: z.date().default(new Date(0)),
});

const settings = z.object({
  locale: z.string().nullable(),
  timeZone: z.string().nullable(),
  quotas: z.object({ messagesPerDay: limit }),
  rates: z.object({ requestsPerSecond: limit, messagesPerSecond: limit, criticalPerSecond: limit }),
  senders: z.record(z.string(), z.array(z.string())),
  webhook: webhook.nullable(),
  providers: z.record(z.string(), provider),
  routes: z.record(z.string(), z.array(z.string())),
});

const tenantSchema = z.object({
  id: z.string(),
  name: z.string(),
  status: z.string(),
  revision: z.int().min(1),
  createdAt: z.date(),
  changedAt: z.date(),
  keys: z.array(tenantKey),
  tokenKeys: z.array(tokenKey),
  settings,
});

/** The tenant as stored, without fields that this version does not know. Throws STORE_DAMAGED, which names the fields but not their values. */
export const readTenant = (stored: unknown): Tenant => {
  const read = tenantSchema.safeParse(stored);
  if (read.success) return read.data;
  const { id } = (stored ?? {}) as Partial<Tenant>;
  const faults = read.error.issues.map(({ path }) => path.join(".")).join(", ");
  throw new CarillonError("STORE_DAMAGED", `the stored tenant ${id} has another shape: ${faults}`, {
    fix: "upgrade this process if a later version wrote the tenant; restore a backup otherwise",
  });
};
