import { firstAuditIdAt } from "./audit-id.js";
import { type AuditEntry, type AuditLog, auditBounds } from "./audit-log.js";
import { assertAuditPage, assertEntries, erasedFields, nameOfPerson, peopleOf, readEntry } from "./audit-rules.js";

/** An entry with its place in the indexes. */
export interface IndexedEntry {
  readonly entry: AuditEntry & { readonly erased?: boolean };
  /** Names of people, see nameOfPerson. */
  readonly people: readonly string[];
}

/** Tables whose changes are transactions. */
export interface AuditTables {
  transaction<T>(change: () => T): Promise<T>;
  get(id: string): AuditEntry | undefined;
  /** Writes an entry, and replaces the people of its former state by the named ones. Call inside a transaction. */
  write(indexed: IndexedEntry, before?: IndexedEntry): void;
  /** Call inside a transaction. */
  remove(indexed: IndexedEntry): void;
  /** Ids in order. `tenant`: undefined for all. */
  idsBefore(tenant: string | null | undefined, before: string | undefined, limit: number): readonly string[];
  /** The oldest ids before this one. */
  oldest(before: string, limit: number): readonly string[];
  idsOfPerson(name: string, limit: number): readonly string[];
}

const indexedOf = (entry: AuditEntry): IndexedEntry => ({ entry, people: peopleOf(entry) });

/** An audit log in tables of this machine. */
export const createLocalAuditLog = (tables: AuditTables): AuditLog => ({
  record: async (entries) => {
    assertEntries(entries);
    await tables.transaction(() => {
      for (const entry of entries) if (!tables.get(entry.id)) tables.write(indexedOf(entry));
    });
  },
  page: async (page) => {
    assertAuditPage(page);
    return tables.idsBefore(page.tenant, page.before, page.limit).flatMap((id) => {
      const stored = tables.get(id);
      return stored ? [readEntry(stored)] : [];
    });
  },
  forget: (before) =>
    tables.transaction(() => {
      const entries = tables.oldest(firstAuditIdAt(before), auditBounds.bite).flatMap((id) => tables.get(id) ?? []);
      for (const entry of entries) tables.remove(indexedOf(entry));
      return entries.length;
    }),
  erase: (person) =>
    tables.transaction(() => {
      const entries = tables.idsOfPerson(nameOfPerson(person), auditBounds.bite).flatMap((id) => tables.get(id) ?? []);
      for (const entry of entries) tables.write({ entry: { ...entry, ...erasedFields }, people: [] }, indexedOf(entry));
      return entries.length;
    }),
  close: async () => undefined,
});
