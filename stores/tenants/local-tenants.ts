import type { Clock } from "../clock.js";
import { assertIds } from "../id-keys.js";
import { assertPage, assertTenant, credentialsOf, documentAfter, nameOfCredential } from "./tenant-rules.js";
import { readTenant } from "./tenant-schema.js";
import type { Tenant, TenantAnswer, TenantPut, Tenants } from "./tenants.js";

/** Tables whose changes are transactions. Documents may have fields that this version does not know. */
export interface TenantTables {
  transaction<T>(change: () => T): Promise<T>;
  get(id: string): unknown;
  /** The next documents by the UTF-8 bytes of their ids. */
  list(after: string | undefined, limit: number): readonly unknown[];
  /** The tenant that has this credential. */
  ownerOf(credential: string): string | undefined;
  /** Writes a tenant and its credentials. Call inside a transaction. */
  write(document: Tenant, credentials: { readonly added: readonly string[]; readonly removed: readonly string[] }): void;
  version(): number;
  /** Call inside a transaction. */
  raiseVersion(): void;
}

const put = (tables: TenantTables, tenant: TenantPut, now: Date): TenantAnswer => {
  const { answer, before, document } = documentAfter(tables.get(tenant.id), tenant, now);
  if (!document) return answer;
  const [old, own] = [new Set(before ? credentialsOf(before) : []), new Set(credentialsOf(document))];
  const added = [...own].filter((credential) => !old.has(credential));
  if (added.some((credential) => (tables.ownerOf(credential) ?? tenant.id) !== tenant.id)) return { state: "taken" };
  // all reads come before the first write, because a failed transaction is not undone
  tables.write(document, { added, removed: [...old].filter((credential) => !own.has(credential)) });
  tables.raiseVersion();
  return answer;
};

/** Tenants in tables of this machine. */
export const createLocalTenants = (tables: TenantTables, clock: Pick<Clock, "now">): Tenants => {
  const get = (id: string): Tenant | undefined => {
    const stored = tables.get(id);
    return stored === undefined ? undefined : readTenant(stored);
  };
  return {
    get: async (ids) => {
      for (const id of ids) assertIds({ tenant: id });
      return ids.map(get);
    },
    put: async (tenant) => {
      assertTenant(tenant);
      return tables.transaction(() => put(tables, tenant, new Date(clock.now())));
    },
    list: async (page) => {
      assertPage(page);
      return tables.list(page.after, page.limit).map(readTenant);
    },
    revisions: async (page) => {
      assertPage(page);
      return tables.list(page.after, page.limit).map((stored) => {
        const { id, revision } = stored as Tenant;
        return { id, revision };
      });
    },
    find: async (credential) => {
      const name = nameOfCredential(credential);
      const owner = name === undefined ? undefined : tables.ownerOf(name);
      return owner === undefined ? undefined : get(owner);
    },
    version: async () => tables.version(),
    close: async () => undefined,
  };
};
