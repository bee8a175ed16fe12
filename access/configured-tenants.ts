import { localTenant } from "../config/keys.js";
import type { Config } from "../config/schema.js";
import { mostIdBytes } from "../stores/id-keys.js";
import type { TenantPut, TenantSettings, Tenants } from "../stores/tenants/tenants.js";
import { digestOfKey } from "./api-keys.js";
import type { KeyPrincipal, LoopbackPrincipal } from "./principal.js";
import { allScopes, scopesOfRole } from "./scopes.js";

/** A key of the configuration. It stays in the processes that are configured with it, and is never stored. */
export interface ConfiguredKey {
  readonly digest: string;
  readonly principal: KeyPrincipal;
}

type Named = Pick<Config, "http" | "webhooks" | "tenantTopics">;

/** The keys of `http.apiKeys`. Their ids differ from stored ones, and name the place in the list. */
export const configuredKeysOf = ({ http }: Pick<Config, "http">): readonly ConfiguredKey[] =>
  http.apiKeys.map(({ tenant, key, role }, index) => ({
    digest: digestOfKey(key),
    principal: { kind: "key", id: `config.${index}`, name: `http.apiKeys.${index}`, tenant, scopes: scopesOfRole[role], test: false },
  }));

/** A program on this machine, which may do everything while no key is configured; undefined once there is one. */
export const loopbackPrincipalOf = ({ http }: Pick<Config, "http">): LoopbackPrincipal | undefined =>
  http.apiKeys.length === 0 ? { kind: "loopback", tenant: localTenant, scopes: allScopes } : undefined;

/** Every tenant that the configuration names. */
export const configuredTenantsOf = ({ http, webhooks, tenantTopics }: Named): readonly string[] => [
  ...new Set([
    ...(http.apiKeys.length === 0 ? [localTenant] : http.apiKeys.map(({ tenant }) => tenant)),
    ...Object.keys(webhooks.tenants),
    ...tenantTopics.tenants,
  ]),
];

export const defaultSettings: TenantSettings = {
  locale: null,
  timeZone: null,
  quotas: { messagesPerDay: null },
  rates: { requestsPerSecond: null, messagesPerSecond: null, criticalPerSecond: null },
  senders: {},
  webhook: null,
  providers: {},
  routes: {},
};

/** A tenant that does not exist yet. */
export const newTenant = (id: string, name: string): TenantPut => ({
  ...{ id, name, status: "active", revision: 0, keys: [], tokenKeys: [], settings: defaultSettings },
});

/**
 * Creates the tenants that the configuration names, if the store does not have them. Existing ones stay as they are: the configuration has
 * only names and keys, and its keys are checked before those of the store. Resolves with the tenants that were created.
 */
export const seedTenants = async (tenants: Pick<Tenants, "get" | "put">, ids: readonly string[]): Promise<readonly string[]> => {
  // the configuration counts characters and the store bytes: a longer name stays in the configuration alone
  const storable = ids.filter((id) => Buffer.byteLength(id) <= mostIdBytes.tenant);
  const found = await tenants.get(storable);
  const created: string[] = [];
  for (const [index, id] of storable.entries()) {
    if (found[index]) continue;
    // a conflict means that another process has created it meanwhile
    const answer = await tenants.put(newTenant(id, id));
    if (answer.state === "stored") created.push(id);
  }
  return created;
};
