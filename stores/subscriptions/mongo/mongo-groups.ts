import type { Db } from "mongodb";
import { untilUndisturbed } from "../../lineage-store/mongo/conflicts.js";
import { areDuplicates } from "../../lineage-store/mongo/mongo-errors.js";
import type { MongoConnection } from "../../mongo/mongo-connection.js";
import { wholeGroup } from "../hash32.js";
import type { Group, GroupKey, GroupPut } from "../subscriptions.js";
import { groupsIn, keyOfGroup, rowRange, rowsIn, toGroup } from "./stored-groups.js";

export const findGroups = async (database: Db, ids: readonly string[]): Promise<ReadonlyMap<string, Group>> => {
  const found = await groupsIn(database)
    .find({ _id: { $in: [...ids] }, removed: false })
    .toArray();
  return new Map(found.map((stored) => [stored._id, toGroup(stored)]));
};

const newGroup = (now: Date) => ({ version: 0, members: 0, base: 0, aborted: [], issued: 0, writing: null, createdAt: now });

/** Two steps for each group: one that was removed begins again, and then any group gets its name and attributes. */
const operationsOf = (put: GroupPut, now: Date) => {
  const _id = keyOfGroup(put);
  const change = { $set: { name: put.name, attributes: put.attributes, changedAt: now, removed: false }, $setOnInsert: newGroup(now) };
  return [
    { updateOne: { filter: { _id, removed: true }, update: { $set: { removed: false, createdAt: now } } } },
    { updateOne: { filter: { _id }, update: change, upsert: true } },
  ];
};

export const putGroups = async (database: Db, groups: readonly GroupPut[], now: Date): Promise<readonly Group[]> => {
  await untilUndisturbed(async () => {
    try {
      await groupsIn(database).bulkWrite(groups.flatMap((put) => operationsOf(put, now)));
      return true;
    } catch (error) {
      // another writer created the same group
      if (areDuplicates(error)) return false;
      throw error;
    }
  });
  const stored = await findGroups(database, groups.map(keyOfGroup));
  return groups.map((put) => stored.get(keyOfGroup(put)) ?? { ...put, version: 0, members: 0, createdAt: now, changedAt: now });
};

/** Hides a group with all its rows in one step. False: there is no such group. */
const hide = async (database: Db, id: string, now: Date): Promise<boolean> => {
  let hidden = false;
  await untilUndisturbed(async () => {
    const group = await groupsIn(database).findOne({ _id: id });
    if (!group || group.removed) return true;
    const { issued } = group;
    // versions go on after a removal: no row of this group, not even a late one, belongs to the next group of this id
    const gone = { removed: true, base: issued, version: issued, members: 0, name: null, attributes: {}, writing: null, aborted: [] };
    const { matchedCount } = await groupsIn(database).updateOne({ _id: id, issued }, { $set: { ...gone, changedAt: now } });
    hidden = matchedCount === 1;
    return hidden;
  });
  return hidden;
};

const bite = 5_000;

/** Removes a bite of rows of former groups of this id. Resolves with their number. */
const sweep = async (database: Db, id: string): Promise<number> => {
  const group = await groupsIn(database).findOne({ _id: id });
  if (!group) return 0;
  const old = await rowsIn(database)
    .find({ _id: rowRange(id, wholeGroup), joined: { $lte: group.base } }, { projection: { _id: 1 } })
    .limit(bite)
    .toArray();
  if (old.length > 0) await rowsIn(database).deleteMany({ _id: { $in: old.map(({ _id }) => _id) } });
  return old.length;
};

export const removeGroup = async (ask: MongoConnection["ask"], key: GroupKey, now: Date): Promise<boolean> => {
  const id = keyOfGroup(key);
  const hidden = await ask((database) => hide(database, id, now));
  while ((await ask((database) => sweep(database, id))) === bite);
  return hidden;
};
