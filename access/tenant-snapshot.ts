import type { Tenant, TenantKey, TokenKey } from "../stores/tenants/tenants.js";

/** All tenants at one time, by everything that a request names. */
export interface TenantSnapshot {
  readonly tenants: ReadonlyMap<string, Tenant>;
  readonly byDigest: ReadonlyMap<string, { readonly tenant: Tenant; readonly key: TenantKey }>;
  readonly byKid: ReadonlyMap<string, { readonly tenant: Tenant; readonly key: TokenKey }>;
}

export const snapshotOf = (tenants: ReadonlyMap<string, Tenant>): TenantSnapshot => {
  const all = [...tenants.values()];
  return {
    tenants,
    byDigest: new Map(all.flatMap((tenant) => tenant.keys.map((key) => [key.digest, { tenant, key }] as const))),
    byKid: new Map(all.flatMap((tenant) => tenant.tokenKeys.map((key) => [key.kid, { tenant, key }] as const))),
  };
};
