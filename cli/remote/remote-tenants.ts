import { z } from "zod";
import type { List } from "../../http/contract/list.js";
import type { AuditView } from "../../operations/tenants/audit-desk.js";
import type { KeyView } from "../../operations/tenants/key-desk.js";
import type { TenantView } from "../../operations/tenants/tenant-desk.js";
import type { TokenKeyView } from "../../operations/tenants/token-key-desk.js";
import type { TenantAdministration } from "../deployment/deployment.js";
import type { Connection } from "./connection.js";
import { remoteOwnProviders } from "./remote-own-providers.js";
import { remoteOwnWebhooks } from "./remote-own-webhooks.js";

const tenantShape = z.looseObject({ id: z.string(), name: z.string(), status: z.string() });
const tenantsShape = z.looseObject({ items: z.array(tenantShape), cursor: z.string().nullable() });
const settingsShape = z.looseObject({
  quotas: z.looseObject({}),
  rates: z.looseObject({}),
  senders: z.record(z.string(), z.array(z.string())),
});
const keysShape = z.looseObject({ items: z.array(z.looseObject({ id: z.string(), state: z.string(), scopes: z.array(z.string()) })) });
const issuedShape = z.looseObject({ id: z.string(), key: z.string() });
const tokenKeyShape = z.looseObject({ kid: z.string(), alg: z.string() });
const tokenKeysShape = z.looseObject({ items: z.array(tokenKeyShape) });
const auditShape = z.looseObject({ items: z.array(z.looseObject({ at: z.string(), actor: z.string(), action: z.string() })) });

const pageSize = 1_000;

const pathOf = (...parts: readonly string[]): string => ["/v1/tenants", ...parts.map(encodeURIComponent)].join("/");

export const remoteTenants = (connection: Connection): TenantAdministration => ({
  ...remoteOwnProviders(connection),
  ...remoteOwnWebhooks(connection),
  list: async () => {
    const all: TenantView[] = [];
    for (let cursor: string | undefined; ; ) {
      const question = { path: pathOf(), query: { limit: String(pageSize), cursor } };
      const page = await connection.ask<List<TenantView>>(question, tenantsShape);
      all.push(...page.items);
      if (page.cursor === null) return all;
      cursor = page.cursor;
    }
  },
  create: (body) => connection.ask({ method: "POST", path: pathOf(), body }, tenantShape),
  change: (id, body) => connection.ask({ method: "PATCH", path: pathOf(id), body }, tenantShape),
  delete: (id) => connection.done({ method: "DELETE", path: pathOf(id) }),
  settings: (id) => connection.ask({ path: pathOf(id, "settings") }, settingsShape),
  changeSettings: (id, body) => connection.ask({ method: "PATCH", path: pathOf(id, "settings"), body }, settingsShape),
  keys: async (id) => (await connection.ask<List<KeyView>>({ path: pathOf(id, "keys") }, keysShape)).items,
  createKey: (id, body) => connection.ask({ method: "POST", path: pathOf(id, "keys"), body }, issuedShape),
  rotateKey: (id, key, body) => connection.ask({ method: "POST", path: pathOf(id, "keys", key, "rotate"), body }, issuedShape),
  revokeKey: (id, key) => connection.done({ method: "DELETE", path: pathOf(id, "keys", key) }),
  tokenKeys: async (id) => (await connection.ask<List<TokenKeyView>>({ path: pathOf(id, "token-keys") }, tokenKeysShape)).items,
  addTokenKey: (id, body) => connection.ask({ method: "POST", path: pathOf(id, "token-keys"), body }, tokenKeyShape),
  removeTokenKey: (id, kid) => connection.done({ method: "DELETE", path: pathOf(id, "token-keys", kid) }),
  audit: async (tenant, limit) => {
    const question = { path: "/v1/audit", query: { limit: String(limit), tenant } };
    return (await connection.ask<List<AuditView>>(question, auditShape)).items;
  },
});
