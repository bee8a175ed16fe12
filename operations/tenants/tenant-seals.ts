import { CarillonError, messageOf } from "../../schemas/errors.js";
import type { TenantSecrets } from "../../stores/sealed/tenant-secrets.js";
import { secretsOf, withSecrets } from "../../stores/tenants/settings-secrets.js";
import type { Tenant, Tenants } from "../../stores/tenants/tenants.js";
import { allTenants } from "./all-tenants.js";
import { deletedStatus, putOf } from "./change-tenant.js";

/** The secrets of tenants, by the keys under which they are encrypted. */
export interface SecretCounts {
  /** Under the active key, or under any key if none is active. */
  readonly current: number;
  /** Under other keys. */
  readonly older: number;
  /** Under keys that are not configured. */
  readonly unreadable: number;
}

const mostTries = 20;

/** Whether a configured key opens the secret. */
export const isReadable = (secrets: TenantSecrets, sealed: string): boolean => {
  try {
    secrets.assertReadable(sealed);
    return true;
  } catch {
    return false;
  }
};

export const countSecrets = async (tenants: Pick<Tenants, "list">, secrets: TenantSecrets): Promise<SecretCounts> => {
  let [current, older, unreadable] = [0, 0, 0];
  for await (const { settings } of allTenants(tenants)) {
    for (const sealed of secretsOf(settings)) {
      if (!isReadable(secrets, sealed)) unreadable += 1;
      else if (secrets.isCurrent(sealed)) current += 1;
      else older += 1;
    }
  }
  return { current, older, unreadable };
};

/** The ids of tenants with a secret that no configured key opens, without deleted tenants. */
export const tenantsWithUnreadable = async (tenants: Pick<Tenants, "list">, secrets: TenantSecrets): Promise<readonly string[]> => {
  const found: string[] = [];
  for await (const { id, status, settings } of allTenants(tenants))
    if (status !== deletedStatus && secretsOf(settings).some((sealed) => !isReadable(secrets, sealed))) found.push(id);
  return found;
};

/** The tenant with its older secrets under the active key. Throws DECRYPTION_FAILED, and names the tenant. */
const resealed = (tenant: Tenant, secrets: TenantSecrets): Tenant => {
  const change = (sealed: string): string => (secrets.isCurrent(sealed) ? sealed : secrets.reseal(sealed));
  try {
    return { ...tenant, settings: withSecrets(tenant.settings, change) };
  } catch (error) {
    const fix = error instanceof CarillonError ? error.fix : undefined;
    throw new CarillonError("DECRYPTION_FAILED", `tenant ${tenant.id}: ${messageOf(error)}`, { cause: error, ...(fix ? { fix } : {}) });
  }
};

const resealOne = async (tenants: Pick<Tenants, "get" | "put">, first: Tenant, secrets: TenantSecrets): Promise<number> => {
  let tenant: Tenant | undefined = first;
  for (let tries = 0; tries < mostTries && tenant; tries += 1) {
    const older = secretsOf(tenant.settings).filter((sealed) => !secrets.isCurrent(sealed));
    if (older.length === 0) return 0;
    const answer = await tenants.put(putOf(resealed(tenant, secrets)));
    if (answer.state === "stored") return older.length;
    [tenant] = await tenants.get([first.id]);
  }
  if (!tenant) return 0;
  throw new CarillonError("BUSY", `other writers repeatedly changed the tenant ${first.id}`, { fix: "try again" });
};

/** Encrypts the older secrets of all tenants under the active key. Resolves with their number. */
export const resealTenants = async (tenants: Pick<Tenants, "list" | "get" | "put">, secrets: TenantSecrets): Promise<number> => {
  let changed = 0;
  for await (const tenant of allTenants(tenants)) changed += await resealOne(tenants, tenant, secrets);
  return changed;
};
