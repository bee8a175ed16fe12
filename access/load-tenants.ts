import { CarillonError } from "../schemas/errors.js";
import { type Tenant, type TenantRevision, type Tenants, tenantBounds } from "../stores/tenants/tenants.js";

export interface LoadHooks {
  /** Called before each question to the store. */
  readonly onStep: () => void;
  readonly onDamaged: (error: unknown) => void;
}

/** The ids and revisions of all tenants. No tenant itself is read, so a damaged one is no obstacle. */
export const allRevisions = async (
  tenants: Pick<Tenants, "revisions">,
  onStep: LoadHooks["onStep"] = () => undefined,
): Promise<readonly TenantRevision[]> => {
  const all: TenantRevision[] = [];
  for (let after: string | undefined; ; ) {
    onStep();
    const page = await tenants.revisions({ after, limit: tenantBounds.batch });
    all.push(...page);
    if (page.length < tenantBounds.batch) return all;
    after = page.at(-1)?.id;
  }
};

const isDamage = (error: unknown): boolean => error instanceof CarillonError && error.code === "STORE_DAMAGED";

/** One damaged document must not keep the changes of other tenants away. */
const getReadable = async (tenants: Pick<Tenants, "get">, ids: readonly string[], hooks: LoadHooks): Promise<readonly Tenant[]> => {
  hooks.onStep();
  try {
    return (await tenants.get(ids)).filter((tenant) => tenant !== undefined);
  } catch (error) {
    if (!isDamage(error)) throw error;
    if (ids.length > 1) {
      const found: Tenant[] = [];
      for (const id of ids) found.push(...(await getReadable(tenants, [id], hooks)));
      return found;
    }
    hooks.onDamaged(error);
    return [];
  }
};

const getAtOnce = 100;

/**
 * The current tenants, of which only those with another revision are read; `known` itself if nothing changed. A damaged tenant is left out,
 * so its keys are refused.
 */
export const loadTenants = async (
  tenants: Pick<Tenants, "get" | "revisions">,
  known: ReadonlyMap<string, Tenant>,
  hooks: LoadHooks,
): Promise<ReadonlyMap<string, Tenant>> => {
  const revisions = await allRevisions(tenants, hooks.onStep);
  const changed = revisions.filter(({ id, revision }) => known.get(id)?.revision !== revision).map(({ id }) => id);
  if (changed.length === 0 && revisions.length === known.size) return known;
  const read = new Map<string, Tenant>();
  for (let start = 0; start < changed.length; start += getAtOnce) {
    for (const tenant of await getReadable(tenants, changed.slice(start, start + getAtOnce), hooks)) read.set(tenant.id, tenant);
  }
  const isChanged = new Set(changed);
  return new Map(
    revisions.flatMap(({ id }) => {
      const tenant = isChanged.has(id) ? read.get(id) : known.get(id);
      return tenant ? [[id, tenant] as const] : [];
    }),
  );
};
