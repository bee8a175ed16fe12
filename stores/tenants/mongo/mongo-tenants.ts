import { randomUUID } from "node:crypto";
import type { Collection, Db } from "mongodb";
import type { Clock } from "../../clock.js";
import { assertIds, keyOfId } from "../../id-keys.js";
import { isDuplicate } from "../../mongo/is-duplicate.js";
import { type MongoConnection, preparedOnce } from "../../mongo/mongo-connection.js";
import { assertPage, assertTenant, credentialsOf, documentAfter, nameOfCredential } from "../tenant-rules.js";
import { readTenant } from "../tenant-schema.js";
import type { Tenant, TenantAnswer, TenantPut, Tenants } from "../tenants.js";

interface StoredTenant extends Tenant {
  /** The escaped id, see id-keys.ts: in the order of pages. */
  readonly _id: string;
  /** Unique over all tenants. Never empty: a unique index treats all empty lists as equal. */
  readonly credentials: readonly string[];
  /** The write that made this document. The driver repeats a write whose answer was lost, and then finds it done. */
  readonly write: string;
}

interface Counter {
  readonly _id: "version";
  readonly version: number;
}

/** A secondary may not know yet that a key was revoked, whatever the URL prefers. */
const current = { readPreference: "primary" } as const;

const tenantsIn = (database: Db): Collection<StoredTenant> => database.collection<StoredTenant>("tenants", current);
const stateIn = (database: Db): Collection<Counter> => database.collection<Counter>("tenants_state", current);

const prepare = async (database: Db): Promise<void> => {
  await tenantsIn(database).createIndex({ credentials: 1 }, { name: "credentials", unique: true });
};

const withoutOwnFields = ({ _id, credentials: _, write: __, ...stored }: StoredTenant): unknown => stored;

const read = (stored: StoredTenant): Tenant => readTenant(withoutOwnFields(stored));

/** False: a document with this id, this credential or another revision was there first. */
const tryToWrite = async (database: Db, document: StoredTenant): Promise<boolean> => {
  const { _id, revision } = document;
  try {
    if (revision > 1) return (await tenantsIn(database).replaceOne({ _id, revision: revision - 1 }, document)).matchedCount > 0;
    await tenantsIn(database).insertOne(document);
    return true;
  } catch (error) {
    if (isDuplicate(error)) return false;
    throw error;
  }
};

/** The answer when the document was not written, or was written by an earlier try of the driver. */
const answerAfterFailure = async (database: Db, { _id, revision, write }: StoredTenant): Promise<TenantAnswer> => {
  const found = await tenantsIn(database).findOne({ _id }, { projection: { write: 1, revision: 1 } });
  if (found?.write === write) return { state: "stored", revision };
  const stands = found?.revision ?? 0;
  // the revision is still the one before, so a credential was the duplicate
  return stands === revision - 1 ? { state: "taken" } : { state: "conflict", revision: stands };
};

/** Credentials of kinds that only a later version knows. */
const unknownCredentials = (stored: StoredTenant | null): readonly string[] =>
  (stored?.credentials ?? []).filter((credential) => !/^(tenant|key|kid):/.test(credential));

const raiseVersion = async (database: Db): Promise<void> => {
  const raise = () => stateIn(database).updateOne({ _id: "version" }, { $inc: { version: 1 } }, { upsert: true });
  // the very first two of an installation can collide
  await raise().catch((error: unknown) => {
    if (!isDuplicate(error)) throw error;
    return raise();
  });
};

const put = async (database: Db, tenant: TenantPut, now: Date): Promise<TenantAnswer> => {
  const _id = keyOfId(tenant.id);
  const stored = await tenantsIn(database).findOne({ _id });
  const { answer, document } = documentAfter(stored ? withoutOwnFields(stored) : undefined, tenant, now);
  if (!document) return answer;
  const written: StoredTenant = {
    ...document,
    _id,
    credentials: [`tenant:${_id}`, ...credentialsOf(document), ...unknownCredentials(stored)],
    write: randomUUID(),
  };
  const outcome = (await tryToWrite(database, written)) ? answer : await answerAfterFailure(database, written);
  if (outcome.state !== "stored") return outcome;
  // after the document: a reader that sees the new version finds the new document
  await raiseVersion(database);
  return answer;
};

const pageIn = (database: Db, after: string | undefined, limit: number) =>
  tenantsIn(database)
    .find({ _id: { $gt: keyOfId(after ?? "") } })
    .sort({ _id: 1 })
    .limit(limit);

/** The tenants of the cluster profile: a document each, and one document with the version. No transactions are needed. */
export const createMongoTenants = (connection: MongoConnection, clock: Pick<Clock, "now">): Tenants => {
  const { ask, close } = preparedOnce(connection, prepare);
  return {
    get: async (ids) => {
      for (const id of ids) assertIds({ tenant: id });
      const stored = await ask((database) =>
        tenantsIn(database)
          .find({ _id: { $in: ids.map(keyOfId) } })
          .toArray(),
      );
      const byId = new Map(stored.map((one) => [one._id, one]));
      return ids.map((id) => {
        const found = byId.get(keyOfId(id));
        return found && read(found);
      });
    },
    put: async (tenant) => {
      assertTenant(tenant);
      return ask((database) => put(database, tenant, new Date(clock.now())));
    },
    list: async ({ after, limit }) => {
      assertPage({ after, limit });
      const found = await ask((database) => pageIn(database, after, limit).toArray());
      return found.map(read);
    },
    revisions: async ({ after, limit }) => {
      assertPage({ after, limit });
      const found = await ask((database) => pageIn(database, after, limit).project<Tenant>({ id: 1, revision: 1 }).toArray());
      return found.map(({ id, revision }) => ({ id, revision }));
    },
    find: async (credential) => {
      const name = nameOfCredential(credential);
      const found = name === undefined ? null : await ask((database) => tenantsIn(database).findOne({ credentials: name }));
      return found ? read(found) : undefined;
    },
    version: async () => (await ask((database) => stateIn(database).findOne({ _id: "version" })))?.version ?? 0,
    close,
  };
};
