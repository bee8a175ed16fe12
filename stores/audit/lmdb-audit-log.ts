import type { Database } from "lmdb";
import { keyOfId } from "../id-keys.js";
import type { LmdbEnvironment } from "../lmdb-environment.js";
import type { AuditEntry, AuditLog } from "./audit-log.js";
import { createLocalAuditLog, type IndexedEntry } from "./local-audit-log.js";

/** The entries themselves, and their ids by tenant and by person. */
type Key = [kind: "entry" | "tenant" | "person", of: string, id: string];

/** Sorts after all ids. */
const afterIds = "g";

/** The name of a tenant in keys. The installation has one that no tenant has. */
const tenantKey = (tenant: string | null): string => (tenant === null ? "i" : `t${keyOfId(tenant)}`);

/** The audit log of the embedded profile. Each call is one transaction. */
export const createLmdbAuditLog = (environment: LmdbEnvironment): AuditLog => {
  const table: Database<unknown, Key> = environment.root.openDB("audit", {});
  const idsFrom = (range: { start: Key; end: Key; limit: number; reverse?: boolean }): readonly string[] =>
    [...table.getKeys(range)].map(([, , id]) => id);
  const removePeople = ({ entry, people }: IndexedEntry): void => {
    for (const name of people) void table.remove(["person", name, entry.id]);
  };
  return createLocalAuditLog({
    transaction: environment.transaction,
    get: (id) => table.get(["entry", "", id]) as AuditEntry | undefined,
    write: (indexed, before) => {
      const { entry, people } = indexed;
      if (before) removePeople(before);
      void table.put(["entry", "", entry.id], entry);
      void table.put(["tenant", tenantKey(entry.tenant), entry.id], 0);
      for (const name of people) void table.put(["person", name, entry.id], 0);
    },
    remove: (indexed) => {
      const { entry } = indexed;
      removePeople(indexed);
      void table.remove(["tenant", tenantKey(entry.tenant), entry.id]);
      void table.remove(["entry", "", entry.id]);
    },
    idsBefore: (tenant, before = afterIds, limit) => {
      const [kind, of] = tenant === undefined ? (["entry", ""] as const) : (["tenant", tenantKey(tenant)] as const);
      // a range begins with its start itself
      const found = idsFrom({ start: [kind, of, before], end: [kind, of, ""], limit: limit + 1, reverse: true });
      return found.filter((id) => id !== before).slice(0, limit);
    },
    oldest: (before, limit) => idsFrom({ start: ["entry", "", ""], end: ["entry", "", before], limit }),
    idsOfPerson: (name, limit) => idsFrom({ start: ["person", name, ""], end: ["person", name, afterIds], limit }),
  });
};
