import { type Tenant, type Tenants, tenantBounds } from "../../stores/tenants/tenants.js";

/** Every tenant, deleted ones included, in the order of their ids. */
export async function* allTenants(tenants: Pick<Tenants, "list">): AsyncGenerator<Tenant> {
  for (let after: string | undefined; ; ) {
    const page = await tenants.list({ after, limit: tenantBounds.batch });
    yield* page;
    after = page.at(-1)?.id;
    if (page.length < tenantBounds.batch) return;
  }
}
