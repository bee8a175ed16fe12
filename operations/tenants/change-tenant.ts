import type { TenantReader } from "../../access/tenant-reader.js";
import { CarillonError } from "../../schemas/errors.js";
import type { Clock } from "../../stores/clock.js";
import type { Stores } from "../../stores/stores.js";
import type { Tenant, TenantPut } from "../../stores/tenants/tenants.js";
import { type Author, recordChange } from "./record-change.js";

export interface TenantTools {
  readonly stores: Pick<Stores, "tenants" | "audit">;
  /** The tenants that this process keeps in memory; undefined in a process that keeps none. */
  readonly reader?: Pick<TenantReader, "refresh"> | undefined;
  readonly clock: Pick<Clock, "now">;
  /** Ids of tenants that the configuration names. */
  readonly configured: readonly string[];
}

/** The status of a deleted tenant. Its id stays taken, because messages and reports of the former tenant still have it. */
export const deletedStatus = "deleted";

const mostTries = 20;

export const noTenant = (id: string): CarillonError =>
  new CarillonError("NOT_FOUND", `there is no tenant ${id}`, { field: "id", fix: "check the id" });

/** The tenant, unless it was deleted. Rejects NOT_FOUND. */
export const tenantOf = async ({ stores }: Pick<TenantTools, "stores">, id: string): Promise<Tenant> => {
  const [tenant] = await stores.tenants.get([id]);
  if (!tenant || tenant.status === deletedStatus) throw noTenant(id);
  return tenant;
};

export const putOf = ({ createdAt: _, changedAt: __, ...put }: Tenant): TenantPut => put;

export interface TenantStep {
  readonly action: string;
  readonly target: string;
  readonly put: TenantPut;
}

/** The host alone: the rest of an address may be secret. */
const shownSettings = ({ webhook, ...settings }: TenantPut["settings"]): object => ({
  ...settings,
  webhook: webhook && { ...webhook, url: new URL("/", webhook.url).href },
});

/** The tenant after a put, as the audit log shows it: keys by their ids. */
const stateOf = ({
  name,
  status,
  settings,
  keys,
  tokenKeys,
}: Pick<TenantPut, "name" | "status" | "settings" | "keys" | "tokenKeys">): object => ({
  ...{ name, status, settings: shownSettings(settings) },
  keys: Object.fromEntries(keys.map(({ id, digest: _, ...key }) => [id, key])),
  tokenKeys: Object.fromEntries(tokenKeys.map(({ kid, ...key }) => [kid, key])),
});

const isStored = async (tools: TenantTools, { action, target, put }: TenantStep, before: Tenant | undefined, by: Author) => {
  const answer = await tools.stores.tenants.put(put);
  if (answer.state === "taken")
    throw new CarillonError("CONFLICT", "another tenant has a token key with this kid", { field: "kid", fix: "choose another kid" });
  if (answer.state === "conflict") return false;
  await recordChange(tools, { action, target, tenant: put.id, before: before ? stateOf(before) : null, after: stateOf(put) }, by);
  // this process uses the change at once; the others read it within about 2 seconds
  await tools.reader?.refresh().catch(() => undefined);
  return true;
};

/** Stores a new tenant. Rejects CONFLICT if its id is taken. */
export const storeNew = async (tools: TenantTools, put: TenantPut, by: Author): Promise<void> => {
  if (await isStored(tools, { action: "tenant.create", target: `tenant ${put.id}`, put }, undefined, by)) return;
  throw new CarillonError("CONFLICT", `the tenant ${put.id} exists, or existed before`, { field: "id", fix: "choose another id" });
};

/** Changes a tenant by a function of its current state, which is called again if another writer was faster. */
export const changeTenant = async <Step extends TenantStep>(
  tools: TenantTools,
  id: string,
  by: Author,
  change: (tenant: Tenant) => Step | undefined,
): Promise<Step | undefined> => {
  for (let tries = 0; tries < mostTries; tries += 1) {
    const before = await tenantOf(tools, id);
    const step = change(before);
    if (!step || (await isStored(tools, step, before, by))) return step;
  }
  throw new CarillonError("BUSY", "other writers repeatedly changed the same tenant", { fix: "try again" });
};
