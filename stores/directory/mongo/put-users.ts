import { randomUUID } from "node:crypto";
import type { AnyBulkWriteOperation, Db } from "mongodb";
import { untilUndisturbed } from "../../lineage-store/mongo/conflicts.js";
import { areDuplicates } from "../../lineage-store/mongo/mongo-errors.js";
import { type PutAnswer, singleChannels, type UserPut } from "../directory.js";
import { conflicts } from "../user-rules.js";
import { keyOfUser, reachOf, type StoredUser, usersIn } from "./stored-users.js";

type Before = Pick<StoredUser, "life" | "createdAt" | "revision">;

const documentOf = (put: UserPut, before: Before | undefined, write: string, now: Date): StoredUser => ({
  _id: keyOfUser(put),
  life: before?.life ?? randomUUID(),
  write,
  email: put.addresses.email,
  sms: put.addresses.sms,
  reach: singleChannels.flatMap((channel) => {
    const address = put.addresses[channel];
    return address === null ? [] : [reachOf(put.tenant, channel, address)];
  }),
  locale: put.locale,
  timeZone: put.timeZone,
  attributes: put.attributes,
  createdAt: before?.createdAt ?? now,
  changedAt: now,
  revision: (before?.revision ?? 0) + 1,
});

const operationOf = (document: StoredUser, before: Before | undefined): AnyBulkWriteOperation<StoredUser> =>
  before
    ? { replaceOne: { filter: { _id: document._id, revision: before.revision }, replacement: document } }
    : { insertOne: { document } };

/** Writes documents. False if another writer disturbed some of them. */
const writeAll = async (database: Db, operations: AnyBulkWriteOperation<StoredUser>[]): Promise<boolean> => {
  if (operations.length === 0) return true;
  try {
    const { insertedCount, matchedCount } = await usersIn(database).bulkWrite(operations, { ordered: false });
    return insertedCount + matchedCount === operations.length;
  } catch (error) {
    if (areDuplicates(error)) return false;
    throw error;
  }
};

/**
 * Puts users, at most one of each id. Each document is replaced only if it is still the one that was read. When another writer was first, a
 * put with an expected revision is a conflict, and any other one is repeated.
 */
export const putUsers = async (database: Db, puts: readonly UserPut[], now: () => Date): Promise<readonly PutAnswer[]> => {
  const answers = new Map<string, PutAnswer>();
  let left = new Map(puts.map((put) => [keyOfUser(put), put]));
  const read = async (): Promise<ReadonlyMap<string, Before & Pick<StoredUser, "write">>> => {
    const projection = { life: 1, createdAt: 1, revision: 1, write: 1 };
    const found = await usersIn(database)
      .find({ _id: { $in: [...left.keys()] } }, { projection })
      .toArray();
    return new Map(found.map((one) => [one._id, one]));
  };
  await untilUndisturbed(async () => {
    const before = await read();
    const write = randomUUID();
    for (const [id, put] of left) {
      if (!conflicts(before.get(id), put)) continue;
      answers.set(id, { state: "conflict", revision: before.get(id)?.revision ?? 0 });
      left.delete(id);
    }
    const documents = [...left].map(([id, put]) => documentOf(put, before.get(id), write, now()));
    const undisturbed = await writeAll(
      database,
      documents.map((document) => operationOf(document, before.get(document._id))),
    );
    const after = undisturbed ? undefined : await read();
    for (const { _id, revision } of documents) {
      if (after && after.get(_id)?.write !== write) continue;
      answers.set(_id, { state: "stored", revision });
    }
    left = new Map([...left].filter(([id]) => !answers.has(id)));
    return left.size === 0;
  });
  return puts.map((put) => answers.get(keyOfUser(put)) as PutAnswer);
};
