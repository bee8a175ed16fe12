import type { Clock } from "../clock.js";
import { createLocalTenants } from "./local-tenants.js";
import type { Tenant, Tenants } from "./tenants.js";

/** Tenants in memory, for tests and the test driver. */
export const createMemoryTenants = (clock: Pick<Clock, "now">): Tenants => {
  const documents = new Map<string, Tenant>();
  const owners = new Map<string, string>();
  const bytesOf = (id: string): Buffer => Buffer.from(id);
  let version = 0;
  return createLocalTenants(
    {
      transaction: async (change) => change(),
      get: (id) => documents.get(id),
      list: (after, limit) =>
        [...documents.values()]
          .filter(({ id }) => after === undefined || Buffer.compare(bytesOf(id), bytesOf(after)) > 0)
          .sort((one, other) => Buffer.compare(bytesOf(one.id), bytesOf(other.id)))
          .slice(0, limit),
      ownerOf: (credential) => owners.get(credential),
      write: (document, { added, removed }) => {
        documents.set(document.id, document);
        for (const credential of removed) owners.delete(credential);
        for (const credential of added) owners.set(credential, document.id);
      },
      version: () => version,
      raiseVersion: () => {
        version += 1;
      },
    },
    clock,
  );
};
