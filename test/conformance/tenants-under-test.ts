import { createHash } from "node:crypto";
import type { Tenant, TenantKey, TenantPut, TenantSettings, Tenants, TokenKey } from "../../stores/tenants/tenants.js";
import { uniqueName } from "../support/scratch.js";
import type { PortFactory } from "./claims.js";

export interface TenantsFactory extends PortFactory<Tenants> {
  /** Another process on the same store. Memory has none. */
  another?(): Promise<Tenants>;
  /** Changes the stored document as a later version would. Memory keeps none. */
  addFields?(id: string, change: (document: Record<string, unknown>) => void): Promise<void>;
  /** The stored document with all its fields. */
  documentOf?(id: string): Promise<unknown>;
}

export const noSettings: TenantSettings = {
  ...{ locale: null, timeZone: null, quotas: { messagesPerDay: null }, senders: {}, webhook: null, providers: {}, routes: {} },
  rates: { requestsPerSecond: null, messagesPerSecond: null, criticalPerSecond: null },
};

export const settings: TenantSettings = {
  locale: "de-DE",
  timeZone: "Europe/Berlin",
  quotas: { messagesPerDay: 1_000_000 },
  rates: { requestsPerSecond: 100, messagesPerSecond: 50.5, criticalPerSecond: null },
  senders: { email: ["@example.com", "Grüße <a@example.org>"] },
  webhook: {
    ...{ url: "https://example.com/events", secrets: ["sealed:main:AAAA"], kinds: ["final"] },
    createdAt: new Date("2026-11-30T08:00:00.123Z"),
  },
  providers: {
    mail: { type: "smtp", options: { host: "mail.example.com", port: 587, tls: true }, secrets: { password: "sealed:main:BBBB" } },
  },
  routes: { email: ["mail", "backup"] },
};

export const digestFor = (text: string): string => createHash("sha256").update(text).digest("base64url");

export const keyFor = (id: string, text = uniqueName("key"), more: Partial<TenantKey> = {}): TenantKey => ({
  ...{ id, name: `Key ${id}`, digest: digestFor(text), scopes: ["send", "read"], test: false, expiresAt: null, revokedAt: null },
  createdAt: new Date("2026-11-30T08:00:00.123Z"),
  ...more,
});

export const tokenKeyFor = (kid: string): TokenKey => ({
  ...{ kid, alg: "EdDSA", jwksUrl: "https://example.com/jwks.json", publicKey: null },
  createdAt: new Date("2026-11-30T08:00:00Z"),
});

export const tenantPut = (id: string, more: Partial<TenantPut> = {}): TenantPut => ({
  ...{ id, name: `Tenant ${id}`, status: "active", revision: 0, keys: [], tokenKeys: [], settings: noSettings },
  ...more,
});

/** The put that changes a tenant as it is stored. */
export const changed = ({ createdAt: _, changedAt: __, ...tenant }: Tenant, more: Partial<TenantPut>): TenantPut => ({
  ...tenant,
  ...more,
});

/** Every id from one on, by pages. */
export const listIds = async (tenants: Tenants, after: string, limit: number): Promise<string[]> => {
  const ids: string[] = [];
  for (let last = after; ; ) {
    const page = await tenants.list({ after: last, limit });
    ids.push(...page.map(({ id }) => id));
    const next = page.at(-1)?.id;
    if (next === undefined) return ids;
    last = next;
  }
};
