import type { Clock } from "../clock.js";
import { type Bucket, hash32 } from "./hash32.js";
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
import {
  type Change,
  type Group,
  type GroupKey,
  type GroupPut,
  type Member,
  type MemberKey,
  type MemberPage,
  type MemberPlace,
  mostForgottenAtOnce,
  type Scan,
  type Subscriptions,
} from "./subscriptions.js";

export interface RowOfGroup extends MembershipRow, GroupKey {}

/** A place in the order of rows: a row, or the first row of a hash or user. */
export interface Place {
  readonly hash: number;
  readonly user?: string;
  readonly joined?: number;
}

/** Tables whose changes are transactions. Writes are made inside one. */
export interface SubscriptionTables {
  transaction<T>(change: () => T): Promise<T>;
  group(key: GroupKey): GroupState | undefined;
  putGroup(key: GroupKey, state: GroupState): void;
  /** All groups of the tenant after one, in order. */
  groups(tenant: string, after: string | undefined): Iterable<readonly [key: GroupKey, state: GroupState]>;
  /** Rows of a group by hash, user and joined version, from a place on. */
  rows(key: GroupKey, from: Place): Iterable<MembershipRow>;
  /** Rows of a user by group and joined version. */
  rowsOf(key: MemberKey, after: string | undefined): Iterable<RowOfGroup>;
  /** Rows of a group that ended with a version up to this one. */
  leftRows(key: GroupKey, version: number): Iterable<MembershipRow>;
  putRow(key: GroupKey, row: MembershipRow): void;
  removeRow(key: GroupKey, row: MembershipRow): void;
}

/** A scan looks at no more rows in one page, so that rows of former members cannot stop the thread. */
const mostExamined = 5_000;
const bite = 5_000;

/** A change is one transaction: no version of a writer that ended stays in the way. */
const visibilityOf = ({ base }: GroupState) => ({ base, aborted: [] });

const toGroup = ({ tenant, group }: GroupKey, { name, attributes, version, members, createdAt, changedAt }: GroupState): Group => ({
  ...{ tenant, group, name, attributes, version, members, createdAt, changedAt },
});

const first = <T>(items: Iterable<T>, most: number): T[] => {
  const found: T[] = [];
  for (const item of items) if (found.push(item) >= most) break;
  return found;
};

/** Groups and memberships in tables of this machine. */
export const createLocalSubscriptions = (tables: SubscriptionTables, clock: Clock): Subscriptions => {
  const now = (): Date => new Date(clock.now());
  const find = (key: GroupKey): GroupState | undefined => {
    const state = tables.group(key);
    return state?.removed ? undefined : state;
  };
  const currentRow = (key: GroupKey, state: GroupState, user: string): MembershipRow | undefined => {
    for (const row of tables.rows(key, { hash: hash32(user), user })) {
      if (row.user !== user) return undefined;
      if (isVisible(visibilityOf(state), state.version, row)) return row;
    }
    return undefined;
  };
  const putGroup = (put: GroupPut): Group => {
    const stored = tables.group(put);
    const fresh = { version: stored?.version ?? 0, base: stored?.base ?? 0, members: 0, createdAt: now() };
    const { name, attributes } = put;
    const state = { ...(stored && !stored.removed ? stored : fresh), removed: false, name, attributes, changedAt: now() };
    tables.putGroup(put, state);
    return toGroup(put, state);
  };
  const change = async (key: GroupKey, wanted: Wanted, items: readonly string[]): Promise<Change | undefined> => {
    assertGroupIds([key], items);
    return tables.transaction(() => {
      const state = find(key);
      if (!state) return undefined;
      const current = new Map([...wanted.keys()].flatMap((user) => [[user, currentRow(key, state, user)] as const]).filter(hasRow));
      const version = state.version + 1;
      const { closed, opened, delta, changed } = planRows(wanted, current, version);
      if (changed.size === 0) return { version: state.version, members: state.members, changed: items.map(() => false) };
      for (const row of closed) tables.putRow(key, { ...row, left: version });
      for (const row of opened) tables.putRow(key, row);
      const members = state.members + delta;
      tables.putGroup(key, { ...state, version, members, changedAt: now() });
      return { version, members, changed: changedItems(items, changed) };
    });
  };
  const rowsAfter = function* (key: GroupKey, { from, end }: Bucket, after: MemberPlace | undefined): Generator<MembershipRow> {
    for (const row of tables.rows(key, after ? { hash: hash32(after.user), ...after } : { hash: from })) {
      if (hash32(row.user) >= end) return;
      if (row.user !== after?.user || row.joined > after.joined) yield row;
    }
  };
  const scan = ({ version, bucket, after, limit, ...key }: Scan): MemberPage => {
    const state = find(key);
    const members: Member[] = [];
    let examined = 0;
    for (const row of state ? rowsAfter(key, bucket, after) : []) {
      examined += 1;
      if (state && isVisible(visibilityOf(state), version, row)) members.push(toMember(row));
      if (members.length >= limit || examined >= mostExamined) return { members, next: { user: row.user, joined: row.joined } };
    }
    return { members, next: undefined };
  };
  const forgetUser = (key: MemberKey): number => {
    const rows = [...tables.rowsOf(key, undefined)];
    for (const row of rows) {
      const state = find(row);
      const own = { tenant: row.tenant, group: row.group };
      tables.removeRow(own, row);
      if (state && isVisible(visibilityOf(state), state.version, row))
        tables.putGroup(own, { ...state, version: state.version + 1, members: state.members - 1, changedAt: now() });
    }
    return rows.length;
  };
  /** Removes rows of former groups of this id, bite by bite: one transaction over millions would stop all other writers. */
  const sweep = async (key: GroupKey): Promise<void> => {
    let from: Place | undefined = { hash: 0 };
    while (from) {
      const start: Place = from;
      from = await tables.transaction(() => {
        const base = tables.group(key)?.base ?? 0;
        const rows = first(tables.rows(key, start), bite);
        for (const row of rows) if (row.joined <= base) tables.removeRow(key, row);
        const last = rows.at(-1);
        return last && rows.length === bite ? { hash: hash32(last.user), user: last.user, joined: last.joined + 1 } : undefined;
      });
    }
  };
  return {
    putGroups: async (groups) => {
      assertGroupIds(groups);
      return tables.transaction(() => groups.map(putGroup));
    },
    getGroups: async (keys) => {
      assertGroupIds(keys);
      return keys.map((key) => {
        const state = find(key);
        return state && toGroup(key, state);
      });
    },
    listGroups: async ({ tenant, after, limit }) => {
      assertGroupIds(after === undefined ? [] : [{ tenant, group: after }]);
      const found: Group[] = [];
      for (const [key, state] of tables.groups(tenant, after)) {
        if (found.length >= limit) break;
        if (!state.removed) found.push(toGroup(key, state));
      }
      return found;
    },
    removeGroup: async (key) => {
      assertGroupIds([key]);
      const removed = await tables.transaction(() => {
        const state = find(key);
        // the number of the version outlives the group, so that no later version means other rows
        if (state) tables.putGroup(key, { ...state, name: null, attributes: {}, members: 0, base: state.version, removed: true });
        return state !== undefined;
      });
      await sweep(key);
      return removed;
    },
    join: (key, members) =>
      change(
        key,
        joins(members),
        members.map(({ user }) => user),
      ),
    leave: (key, users) => change(key, leaves(users), users),
    scan: async (request) => {
      assertGroupIds([request], request.after ? [request.after.user] : []);
      return scan(request);
    },
    groupsOf: async ({ tenant, user, after, limit }) => {
      assertMemberIds([{ tenant, user }]);
      const found = [];
      for (const row of tables.rowsOf({ tenant, user }, after)) {
        if (found.length >= limit) break;
        const state = find(row);
        if (state && isVisible(visibilityOf(state), state.version, row)) found.push({ ...toMember(row), group: row.group });
      }
      return found;
    },
    forgetUsers: async (users) => {
      assertMemberIds(users);
      return tables.transaction(() => users.reduce((sum, user) => sum + forgetUser(user), 0));
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
    close: async () => undefined,
  };
};

const hasRow = (entry: readonly [user: string, row: MembershipRow | undefined]): entry is readonly [string, MembershipRow] =>
  entry[1] !== undefined;
