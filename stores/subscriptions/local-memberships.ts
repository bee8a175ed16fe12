import type { Clock } from "../clock.js";
import { type Bucket, hash32, hashEnd } from "./hash32.js";
import {
  assertGroupIds,
  assertMemberIds,
  changedItems,
  isVisible,
  joins,
  leaves,
  type MembershipRow,
  planRows,
  toMember,
  type Wanted,
} from "./membership-rows.js";
import type { GroupState } from "./stored-shapes.js";
import { findGroup, first, type SubscriptionTables, visibilityOf } from "./subscription-tables.js";
import {
  type Change,
  type GroupKey,
  type Member,
  type MemberKey,
  type MemberPage,
  type MemberPlace,
  type Memberships,
  mostForgottenAtOnce,
  type Scan,
} from "./subscriptions.js";

/** A scan looks at no more rows in one page, so that rows of former members cannot stop the thread. */
const mostExamined = 5_000;

const hasRow = (entry: readonly [user: string, row: MembershipRow | undefined]): entry is readonly [string, MembershipRow] =>
  entry[1] !== undefined;

const currentRow = (tables: SubscriptionTables, key: GroupKey, state: GroupState, user: string): MembershipRow | undefined => {
  for (const row of tables.rows(key, { hash: hash32(user), user })) {
    if (row.user !== user) return undefined;
    if (isVisible(visibilityOf(state), state.version, row)) return row;
  }
  return undefined;
};

/** Call inside a transaction. `items`: the users in the order of the request. */
const changeMembers = (
  tables: SubscriptionTables,
  key: GroupKey,
  { wanted, items }: { readonly wanted: Wanted; readonly items: readonly string[] },
  now: Date,
): Change | undefined => {
  const state = findGroup(tables, key);
  if (!state) return undefined;
  const users = [...wanted.keys()];
  const current = new Map(users.map((user) => [user, currentRow(tables, key, state, user)] as const).filter(hasRow));
  const version = state.version + 1;
  const { closed, opened, delta, changed } = planRows(wanted, current, version);
  if (changed.size === 0) return { version: state.version, members: state.members, changed: items.map(() => false) };
  for (const row of closed) tables.putRow(key, { ...row, left: version });
  for (const row of opened) tables.putRow(key, row);
  const members = state.members + delta;
  tables.putGroup(key, { ...state, version, members, changedAt: now });
  return { version, members, changed: changedItems(items, changed) };
};

const rowsAfter = function* (
  tables: SubscriptionTables,
  key: GroupKey,
  { from, end }: Bucket,
  after: MemberPlace | undefined,
): Generator<MembershipRow> {
  for (const row of tables.rows(key, after ? { hash: hash32(after.user), ...after } : { hash: from })) {
    if (end < hashEnd && hash32(row.user) >= end) return;
    if (row.user !== after?.user || row.joined > after.joined) yield row;
  }
};

const scan = (tables: SubscriptionTables, { version, bucket, after, limit, ...key }: Scan): MemberPage => {
  const state = findGroup(tables, key);
  const members: Member[] = [];
  let examined = 0;
  for (const row of state ? rowsAfter(tables, key, bucket, after) : []) {
    examined += 1;
    if (state && isVisible(visibilityOf(state), version, row)) members.push(toMember(row));
    if (members.length >= limit || examined >= mostExamined) return { members, next: { user: row.user, joined: row.joined } };
  }
  return { members, next: undefined };
};

/** Removes rows of a user, at most `most`. Call inside a transaction. */
const forgetRows = (tables: SubscriptionTables, key: MemberKey, most: number, now: Date): number => {
  const rows = first(tables.rowsOf(key, undefined), most);
  for (const row of rows) {
    const state = findGroup(tables, row);
    const own = { tenant: row.tenant, group: row.group };
    tables.removeRow(own, row);
    if (state && isVisible(visibilityOf(state), state.version, row))
      tables.putGroup(own, { ...state, version: state.version + 1, members: state.members - 1, changedAt: now });
  }
  return rows.length;
};

/** Removes rows of the users from one on, at most a bite. Resolves with their number and the user to continue with. */
const forgetBite = (tables: SubscriptionTables, users: readonly MemberKey[], from: number, now: Date) => {
  let [removed, next] = [0, from];
  for (let user = users[next]; user && removed < mostForgottenAtOnce; user = users[next]) {
    removed += forgetRows(tables, user, mostForgottenAtOnce - removed, now);
    if (removed < mostForgottenAtOnce) next += 1;
  }
  return { removed, next };
};

/** Memberships in tables of this machine. Each change is one transaction, except that users are forgotten bite by bite. */
export const createLocalMemberships = (tables: SubscriptionTables, clock: Clock): Memberships => {
  const now = (): Date => new Date(clock.now());
  const change = async (key: GroupKey, wanted: Wanted, items: readonly string[]): Promise<Change | undefined> => {
    assertGroupIds([key], items);
    return tables.transaction(() => changeMembers(tables, key, { wanted, items }, now()));
  };
  return {
    join: (key, members) =>
      change(
        key,
        joins(members),
        members.map(({ user }) => user),
      ),
    leave: (key, users) => change(key, leaves(users), users),
    scan: async (request) => {
      assertGroupIds([request], request.after ? [request.after.user] : []);
      return scan(tables, request);
    },
    groupsOf: async ({ tenant, user, after, limit }) => {
      assertMemberIds([{ tenant, user }]);
      const found = [];
      for (const row of tables.rowsOf({ tenant, user }, after)) {
        if (found.length >= limit) break;
        const state = findGroup(tables, row);
        if (state && isVisible(visibilityOf(state), state.version, row)) found.push({ ...toMember(row), group: row.group });
      }
      return found;
    },
    forgetUsers: async (users) => {
      assertMemberIds(users);
      let [sum, from] = [0, 0];
      while (from < users.length) {
        const start = from;
        const { removed, next } = await tables.transaction(() => forgetBite(tables, users, start, now()));
        [sum, from] = [sum + removed, next];
      }
      return sum;
    },
    forgetLeft: async (key, before) => {
      assertGroupIds([key]);
      return tables.transaction(() => {
        const state = tables.group(key);
        const rows = state ? first(tables.leftRows(key, Math.min(before, state.version)), mostForgottenAtOnce) : [];
        for (const row of rows) tables.removeRow(key, row);
        return rows.length;
      });
    },
  };
};
