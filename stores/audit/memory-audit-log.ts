import type { AuditEntry, AuditLog } from "./audit-log.js";
import { peopleOf } from "./audit-rules.js";
import { createLocalAuditLog } from "./local-audit-log.js";

/** An audit log in memory, for tests and the test driver. */
export const createMemoryAuditLog = (): AuditLog => {
  const entries = new Map<string, AuditEntry>();
  const sorted = (): AuditEntry[] => [...entries.values()].sort((one, other) => (one.id < other.id ? -1 : 1));
  return createLocalAuditLog({
    transaction: async (change) => change(),
    get: (id) => entries.get(id),
    write: ({ entry }) => void entries.set(entry.id, entry),
    remove: ({ entry }) => void entries.delete(entry.id),
    idsBefore: (tenant, before, limit) =>
      sorted()
        .reverse()
        .filter((entry) => (tenant === undefined || entry.tenant === tenant) && (before === undefined || entry.id < before))
        .slice(0, limit)
        .map(({ id }) => id),
    oldest: (before, limit) =>
      sorted()
        .filter(({ id }) => id < before)
        .slice(0, limit)
        .map(({ id }) => id),
    idsOfPerson: (name, limit) =>
      sorted()
        .filter((entry) => peopleOf(entry).includes(name))
        .slice(0, limit)
        .map(({ id }) => id),
  });
};
