import type { Database } from "lmdb";
import type { Clock } from "../clock.js";
import { keyOfId } from "../id-keys.js";
import type { LmdbEnvironment } from "../lmdb-environment.js";
import { createLocalTenants } from "./local-tenants.js";
import type { Tenant, Tenants } from "./tenants.js";

/** Ids are escaped, see id-keys.ts. Credentials need no escaping, see tenant-rules.ts. */
type Key = [kind: "tenant" | "credential" | "version", id: string];

/** The tenants of the embedded profile. A put is one transaction. */
export const createLmdbTenants = (environment: LmdbEnvironment, clock: Pick<Clock, "now">): Tenants => {
  const table: Database<unknown, Key> = environment.root.openDB("tenants", {});
  const version = (): number => (table.get(["version", ""]) as number | undefined) ?? 0;
  return createLocalTenants(
    {
      transaction: environment.transaction,
      get: (id) => table.get(["tenant", keyOfId(id)]),
      list: (after, limit) => {
        const range = { start: ["tenant", keyOfId(after ?? "")] as Key, end: ["version", ""] as Key, exclusiveStart: true, limit };
        return [...table.getRange(range)].map(({ value }) => value);
      },
      ownerOf: (credential) => table.get(["credential", credential]) as string | undefined,
      write: (document: Tenant, { added, removed }) => {
        void table.put(["tenant", keyOfId(document.id)], document);
        for (const credential of removed) void table.remove(["credential", credential]);
        for (const credential of added) void table.put(["credential", credential], document.id);
      },
      version,
      raiseVersion: () => void table.put(["version", ""], version() + 1),
    },
    clock,
  );
};
