import { configuredTenantsOf } from "../access/configured-tenants.js";
import { allRevisions } from "../access/load-tenants.js";
import type { Config } from "../config/schema.js";
import { isStorableId } from "../stores/id-keys.js";
import type { Stores } from "../stores/stores.js";

/** The ids of all tenants: stored ones, and those of the configuration. */
export const allTenants = async ({
  config,
  stores: { tenants },
}: {
  readonly config: Config;
  readonly stores: Pick<Stores, "tenants">;
}): Promise<ReadonlySet<string>> => {
  const configured = configuredTenantsOf(config).filter((id) => isStorableId("tenant", id));
  return new Set([...configured, ...(await allRevisions(tenants)).map(({ id }) => id)]);
};
