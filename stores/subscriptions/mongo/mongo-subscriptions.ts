import type { Db } from "mongodb";
import { type Clock, systemClock } from "../../clock.js";
import { idsOfTextKey, keyEnd, keyOfId, keySeparator, textKeyOf } from "../../id-keys.js";
import { type MongoConnection, preparedOnce } from "../../mongo/mongo-connection.js";
import { assertGroupIds, assertMemberIds, isVisible, joins, leaves, toMember } from "../membership-rows.js";
import type { GroupKey, Member, Memberships, Subscriptions } from "../subscriptions.js";
import { findGroups, putGroups, removeGroup } from "./mongo-groups.js";
import { changeMembers, forgetLeft, forgetMembers, scanMembers } from "./mongo-memberships.js";
import { groupsIn, keyOfGroup, keyOfMember, prepareSubscriptions, rowsIn, type StoredRow, toGroup, toRow } from "./stored-groups.js";
import type { Turns } from "./take-turn.js";

export interface MongoSubscriptionsOptions {
  readonly clock?: Clock;
  /** Default: 15 s. Shorter than the time that other writers wait for their turn. */
  readonly leaseMs?: number;
  readonly afterStep?: Turns["afterStep"];
  /** Rows of a user that are read at once. */
  readonly pageRows?: number;
}

/** A turn for each group within the process, so that its callers do not compete for the group's claim. */
const inTurns = () => {
  const last = new Map<string, Promise<unknown>>();
  return <T>(key: string, call: () => Promise<T>): Promise<T> => {
    const own = (last.get(key) ?? Promise.resolve()).then(call, call);
    last.set(key, own);
    const done = (): void => {
      if (last.get(key) === own) last.delete(key);
    };
    own.then(done, done);
    return own;
  };
};

type GroupsOf = Parameters<Memberships["groupsOf"]>[0];

/** Rows that their groups show now. */
const visibleRows = async (database: Db, rows: readonly StoredRow[]): Promise<readonly (Member & { readonly group: string })[]> => {
  const ids = [...new Set(rows.map(({ group }) => group))];
  const groups = await groupsIn(database)
    .find({ _id: { $in: ids }, removed: false })
    .toArray();
  const byId = new Map(groups.map((group) => [group._id, group]));
  return rows.flatMap((stored) => {
    const [group, row] = [byId.get(stored.group), toRow(stored)];
    return group && isVisible(group, group.version, row) ? [{ ...toMember(row), group: idsOfTextKey(stored.group)[1] ?? "" }] : [];
  });
};

/** Rows of one user sort by group, because every part of a key sorts after the separator. */
const groupsOf = async (
  database: Db,
  { tenant, user, after, limit }: GroupsOf,
  pageRows: number,
): Promise<readonly (Member & { readonly group: string })[]> => {
  const member = keyOfMember({ tenant, user });
  const found: (Member & { readonly group: string })[] = [];
  const first = after === undefined ? `${keyOfId(tenant)}${keySeparator}` : `${textKeyOf(tenant, after)}${keyEnd}`;
  let start = { group: first, _id: first };
  for (;;) {
    const rows = await rowsIn(database)
      .find({ member, group: { $gte: start.group }, _id: { $gt: start._id } })
      .sort({ group: 1, _id: 1 })
      .limit(pageRows)
      .toArray();
    found.push(...(await visibleRows(database, rows)));
    const last = rows.at(-1);
    if (!last || rows.length < pageRows || found.length >= limit) return found.slice(0, limit);
    start = last;
  }
};

/**
 * Groups and memberships in MongoDB. Rows are written under a version that no reader has yet, and one change of the group's document publishes
 * them. No transactions are needed.
 */
export const createMongoSubscriptions = (
  connection: MongoConnection,
  { clock = systemClock, leaseMs = 15_000, afterStep = async () => undefined, pageRows = 1_000 }: MongoSubscriptionsOptions = {},
): Subscriptions => {
  const { ask, close } = preparedOnce(connection, prepareSubscriptions);
  const turns: Turns = { clock, leaseMs, afterStep };
  const inTurn = inTurns();
  const now = (): Date => new Date(clock.now());
  const change = async (key: GroupKey, items: readonly string[], wanted: ReturnType<typeof joins>) => {
    assertGroupIds([key], items);
    const id = keyOfGroup(key);
    return inTurn(id, () => ask((database) => changeMembers(database, id, turns, { wanted, items })));
  };
  return {
    putGroups: async (groups) => {
      assertGroupIds(groups);
      return groups.length === 0 ? [] : ask((database) => putGroups(database, groups, now()));
    },
    getGroups: async (keys) => {
      assertGroupIds(keys);
      const found = await ask((database) => findGroups(database, keys.map(keyOfGroup)));
      return keys.map((key) => found.get(keyOfGroup(key)));
    },
    listGroups: async ({ tenant, after, limit }) => {
      assertGroupIds(after === undefined ? [] : [{ tenant, group: after }]);
      const start = after === undefined ? `${keyOfId(tenant)}${keySeparator}` : textKeyOf(tenant, after);
      const filter = { _id: { $gt: start, $lt: `${keyOfId(tenant)}${keyEnd}` }, removed: false };
      const found = await ask((database) => groupsIn(database).find(filter).sort({ _id: 1 }).limit(limit).toArray());
      return found.map(toGroup);
    },
    removeGroup: async (key) => {
      assertGroupIds([key]);
      return removeGroup(ask, key, now());
    },
    join: (key, members) => {
      const users = members.map(({ user }) => user);
      return change(key, users, joins(members));
    },
    leave: (key, users) => change(key, users, leaves(users)),
    scan: async (scan) => {
      assertGroupIds([scan], scan.after ? [scan.after.user] : []);
      return ask((database) => scanMembers(database, scan));
    },
    groupsOf: async (page) => {
      assertMemberIds([page]);
      return ask((database) => groupsOf(database, page, pageRows));
    },
    forgetUsers: async (users) => {
      assertMemberIds(users);
      return forgetMembers(ask, users, turns, pageRows);
    },
    forgetLeft: async (key, before) => {
      assertGroupIds([key]);
      return ask((database) => forgetLeft(database, keyOfGroup(key), before));
    },
    close,
  };
};
