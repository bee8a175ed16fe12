import { newTenant } from "../../access/configured-tenants.js";
import type { TenantChange, TenantInput } from "../../access/tenant-input.js";
import { CarillonError } from "../../schemas/errors.js";
import type { Tenant } from "../../stores/tenants/tenants.js";
import { changeTenant, deletedStatus, putOf, storeNew, type TenantTools, tenantOf } from "./change-tenant.js";
import type { Author } from "./record-change.js";

/** A tenant as plain data. */
export interface TenantView {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly changedAt: string;
}

const viewOf = ({ id, name, status, createdAt, changedAt }: Tenant): TenantView => ({
  ...{ id, name, status },
  ...{ createdAt: createdAt.toISOString(), changedAt: changedAt.toISOString() },
});

export const findTenant = async (tools: Pick<TenantTools, "stores">, id: string): Promise<TenantView> => viewOf(await tenantOf(tools, id));

/** A page of tenants by id, without deleted ones. `last`: the id to continue after; null on the last page. */
export const listTenants = async ({ stores }: Pick<TenantTools, "stores">, after: string | undefined, limit: number) => {
  const page = await stores.tenants.list({ after, limit });
  const items = page.filter(({ status }) => status !== deletedStatus).map(viewOf);
  return { items, last: page.length < limit ? null : (page.at(-1)?.id ?? null) };
};

export const createTenant = async (tools: TenantTools, { id, name = id }: TenantInput, by: Author): Promise<TenantView> => {
  await storeNew(tools, newTenant(id, name), by);
  return findTenant(tools, id);
};

/** A tenant of the configuration keeps its configured keys, so it cannot be switched off here. */
const assertNotConfigured = ({ configured }: TenantTools, id: string): void => {
  if (configured.includes(id))
    throw new CarillonError("CONFLICT", `the configuration names the tenant ${id}`, {
      field: "id",
      fix: "remove it from http.apiKeys and webhooks.tenants first",
    });
};

export const editTenant = async (tools: TenantTools, id: string, change: TenantChange, by: Author): Promise<TenantView> => {
  if (change.status === "suspended") assertNotConfigured(tools, id);
  await changeTenant(tools, id, by, (tenant) => {
    const { name = tenant.name, status = tenant.status } = change;
    if (name === tenant.name && status === tenant.status) return undefined;
    return { action: "tenant.change", target: `tenant ${id}`, put: { ...putOf(tenant), name, status } };
  });
  return findTenant(tools, id);
};

/** Revokes all keys, removes the webhook, and keeps the id taken. Messages and counts of the tenant stay until their retention ends. */
export const deleteTenant = async (tools: TenantTools, id: string, by: Author): Promise<void> => {
  assertNotConfigured(tools, id);
  const now = new Date(tools.clock.now());
  await changeTenant(tools, id, by, (tenant) => ({
    action: "tenant.delete",
    target: `tenant ${id}`,
    put: {
      ...putOf(tenant),
      status: deletedStatus,
      keys: tenant.keys.map((key) => ({ ...key, revokedAt: key.revokedAt ?? now })),
      settings: { ...tenant.settings, webhook: null },
    },
  }));
};
