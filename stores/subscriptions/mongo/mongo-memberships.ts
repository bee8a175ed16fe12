import type { AnyBulkWriteOperation, Db } from "mongodb";
import { idsOfTextKey } from "../../id-keys.js";
import type { MongoConnection } from "../../mongo/mongo-connection.js";
import { wholeGroup } from "../hash32.js";
import { changedItems, leaves, type MembershipRow, planRows, toMember, type Wanted } from "../membership-rows.js";
import { type Change, type MemberKey, type MemberPage, mostForgottenAtOnce, type Scan } from "../subscriptions.js";
import {
  groupsIn,
  keyOfGroup,
  keyOfMember,
  rowId,
  rowRange,
  rowsIn,
  rowsOfUsers,
  type StoredGroup,
  type StoredRow,
  toRow,
  visibleAt,
} from "./stored-groups.js";
import { type Turns, takeTurn, type Work } from "./take-turn.js";

/** The visible rows of users. Rows of former memberships stay in the store. */
const currentRows = async (database: Db, group: StoredGroup, users: readonly string[]): Promise<ReadonlyMap<string, MembershipRow>> => {
  const found = await rowsIn(database)
    .find({ ...rowsOfUsers(group._id, users), ...visibleAt(group, group.version) })
    .toArray();
  return new Map(found.map(toRow).map((row) => [row.user, row]));
};

const storedRow = (group: StoredGroup, row: MembershipRow): StoredRow => {
  const [tenant = ""] = idsOfTextKey(group._id);
  const { joined, left, channels } = row;
  const member = keyOfMember({ tenant, user: row.user });
  return { _id: rowId(group._id, row), group: group._id, member, joined, left, channels };
};

const writeRows = async (
  database: Db,
  group: StoredGroup,
  version: number,
  { closed, opened }: { readonly closed: readonly MembershipRow[]; readonly opened: readonly MembershipRow[] },
): Promise<void> => {
  // only a row that has not ended: a writer whose turn is over must not end it again
  const open = [null, ...group.aborted];
  const operations: AnyBulkWriteOperation<StoredRow>[] = [
    ...closed.map((row) => ({
      updateOne: { filter: { _id: rowId(group._id, row), left: { $in: open } }, update: { $set: { left: version } } },
    })),
    ...opened.map((row) => ({ insertOne: { document: storedRow(group, row) } })),
  ];
  await rowsIn(database).bulkWrite(operations, { ordered: false });
};

/** Joins and leaves of one call. `items`: the users in the order of the request. */
export const changeMembers = (
  database: Db,
  id: string,
  turns: Turns,
  { wanted, items }: { readonly wanted: Wanted; readonly items: readonly string[] },
): Promise<Change | undefined> =>
  takeTurn(database, id, turns, async (group, version): Promise<Work<Change>> => {
    const plan = planRows(wanted, await currentRows(database, group, [...wanted.keys()]), version);
    const changed = changedItems(items, plan.changed);
    const answerAt: Work<Change>["answerAt"] = ({ version, members }) => ({ version, members, changed });
    if (plan.changed.size === 0) return { delta: undefined, answerAt };
    await writeRows(database, group, version, plan);
    return { delta: plan.delta, answerAt };
  });

export const scanMembers = async (database: Db, { version, bucket, after, limit, ...key }: Scan): Promise<MemberPage> => {
  const id = keyOfGroup(key);
  const group = await groupsIn(database).findOne({ _id: id, removed: false });
  if (!group) return { members: [], next: undefined };
  const stored = await rowsIn(database)
    .find({ _id: rowRange(id, bucket, after), ...visibleAt(group, version) })
    .sort({ _id: 1 })
    .limit(limit)
    .toArray();
  const members = stored.map((row) => toMember(toRow(row)));
  const last = members.at(-1);
  return { members, next: last && members.length === limit ? { user: last.user, joined: last.joined } : undefined };
};

const byGroup = (rows: readonly StoredRow[]): ReadonlyMap<string, readonly StoredRow[]> => {
  const groups = new Map<string, StoredRow[]>();
  for (const row of rows) {
    const own = groups.get(row.group);
    if (own) own.push(row);
    else groups.set(row.group, [row]);
  }
  return groups;
};

/** Leaves a group, so that its count stays exact, and then removes the rows of these users. Resolves with their number. */
const forgetInGroup = async (database: Db, group: string, rows: readonly StoredRow[], turns: Turns): Promise<number> => {
  const users = [...new Set(rows.map((row) => toRow(row).user))];
  const left = await changeMembers(database, group, turns, { wanted: leaves(users), items: users });
  // rows of a later version belong to a user who joined again meanwhile
  const upTo = rows.reduce((most, { joined }) => Math.max(most, joined), left?.version ?? 0);
  return (await rowsIn(database).deleteMany({ ...rowsOfUsers(group, users), joined: { $lte: upTo } })).deletedCount;
};

/** Removes all rows of users. Each group is a question of its own, because a user can have any number of groups. */
export const forgetMembers = async (
  ask: MongoConnection["ask"],
  users: readonly MemberKey[],
  turns: Turns,
  pageRows: number,
): Promise<number> => {
  const filter = { member: { $in: users.map(keyOfMember) } };
  let removed = 0;
  for (;;) {
    const rows = await ask((database) => rowsIn(database).find(filter).limit(pageRows).toArray());
    for (const [group, own] of byGroup(rows)) removed += await ask((database) => forgetInGroup(database, group, own, turns));
    if (rows.length < pageRows) return removed;
  }
};

/** Removes rows that ended, and what writers left that did not publish their version. */
export const forgetLeft = async (database: Db, id: string, before: number): Promise<number> => {
  const group = await groupsIn(database).findOne({ _id: id });
  if (!group) return 0;
  const aborted = [...group.aborted];
  const upTo = Math.min(before, group.version);
  const ended = { group: id, left: { $gt: 0, $lte: upTo, ...(aborted.length > 0 ? { $nin: aborted } : {}) } };
  const unwritten = { _id: rowRange(id, wholeGroup), joined: { $in: aborted } };
  const found = await Promise.all(
    [ended, ...(aborted.length > 0 ? [unwritten] : [])].map((filter) =>
      rowsIn(database)
        .find(filter, { projection: { _id: 1 } })
        .limit(mostForgottenAtOnce)
        .toArray(),
    ),
  );
  const ids = found
    .flat()
    .map(({ _id }) => _id)
    .slice(0, mostForgottenAtOnce);
  if (ids.length === 0) return 0;
  return (await rowsIn(database).deleteMany({ _id: { $in: ids } })).deletedCount;
};
