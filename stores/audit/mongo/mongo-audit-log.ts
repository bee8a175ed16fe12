import type { Collection, Db, Filter } from "mongodb";
import { areDuplicates } from "../../lineage-store/mongo/mongo-errors.js";
import { type MongoConnection, preparedOnce } from "../../mongo/mongo-connection.js";
import { firstAuditIdAt } from "../audit-id.js";
import { type AuditEntry, type AuditLog, auditBounds } from "../audit-log.js";
import { assertAuditPage, assertEntries, erasedFields, nameOfPerson, peopleOf, readEntry } from "../audit-rules.js";

interface StoredEntry extends Omit<AuditEntry, "id" | "before" | "after"> {
  readonly _id: string;
  /** As JSON: fields of states can have any name, and documents allow few. */
  readonly states: string;
  /** See nameOfPerson. */
  readonly names: readonly string[];
  readonly erased: boolean;
}

const entriesIn = (database: Db): Collection<StoredEntry> => database.collection<StoredEntry>("audit");

const prepare = async (database: Db): Promise<void> => {
  await entriesIn(database).createIndexes([
    { name: "tenant", key: { tenant: 1, _id: -1 } },
    { name: "names", key: { names: 1 } },
  ]);
};

const storedOf = (entry: AuditEntry): StoredEntry => {
  const { id, before, after, ...others } = entry;
  return { _id: id, ...others, states: JSON.stringify({ before, after }), names: peopleOf(entry), erased: false };
};

const read = ({ _id, states, ...others }: StoredEntry) => readEntry({ ...others, ...(JSON.parse(states) as object), id: _id });

/** Inserts entries, of which earlier tries may have stored some. */
const insert = async (database: Db, entries: readonly AuditEntry[]): Promise<void> => {
  if (entries.length === 0) return;
  const unique = new Map(entries.map((entry) => [entry.id, storedOf(entry)]));
  try {
    await entriesIn(database).insertMany([...unique.values()], { ordered: false });
  } catch (error) {
    if (!areDuplicates(error)) throw error;
  }
};

/** The oldest entries that the filter selects. */
const idsOf = async (database: Db, filter: Filter<StoredEntry>): Promise<string[]> => {
  const found = await entriesIn(database)
    .find(filter, { projection: { _id: 1 } })
    .sort({ _id: 1 })
    .limit(auditBounds.bite)
    .toArray();
  return found.map(({ _id }) => _id);
};

/** The audit log of the cluster profile: a document for each entry. */
export const createMongoAuditLog = (connection: MongoConnection): AuditLog => {
  const { ask, close } = preparedOnce(connection, prepare);
  return {
    record: async (entries) => {
      assertEntries(entries);
      await ask((database) => insert(database, entries));
    },
    page: async (page) => {
      assertAuditPage(page);
      const { tenant, before, limit } = page;
      const filter: Filter<StoredEntry> = {
        ...(tenant === undefined ? {} : { tenant }),
        ...(before === undefined ? {} : { _id: { $lt: before } }),
      };
      const found = await ask((database) => entriesIn(database).find(filter).sort({ _id: -1 }).limit(limit).toArray());
      return found.map(read);
    },
    forget: (before) =>
      ask(async (database) => {
        const ids = await idsOf(database, { _id: { $lt: firstAuditIdAt(before) } });
        return ids.length === 0 ? 0 : (await entriesIn(database).deleteMany({ _id: { $in: ids } })).deletedCount;
      }),
    erase: (person) =>
      ask(async (database) => {
        const ids = await idsOf(database, { names: nameOfPerson(person) });
        if (ids.length === 0) return 0;
        const { before, after, ...fields } = erasedFields;
        const change = { ...fields, people: [], names: [], states: JSON.stringify({ before, after }) };
        return (await entriesIn(database).updateMany({ _id: { $in: ids } }, { $set: change })).matchedCount;
      }),
    close,
  };
};
