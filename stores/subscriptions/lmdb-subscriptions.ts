import type { Database } from "lmdb";
import type { Clock } from "../clock.js";
import { idOfKey, keyOfId } from "../id-keys.js";
import type { LmdbEnvironment } from "../lmdb-environment.js";
import { hash32 } from "./hash32.js";
import { createLocalSubscriptions } from "./local-subscriptions.js";
import type { MembershipRow } from "./membership-rows.js";
import { type GroupState, type RowState, readGroup, readRow } from "./stored-shapes.js";
import type { SubscriptionTables } from "./subscription-tables.js";
import type { GroupKey, Subscriptions } from "./subscriptions.js";

/** Ids are escaped, see id-keys.ts. */
type GroupPart = [tenant: string, group: string];
type RowKey = [tenant: string, group: string, hash: number, user: string, joined: number];
type UserRowKey = [tenant: string, user: string, group: string, joined: number];
type LeftKey = [tenant: string, group: string, left: number, user: string, joined: number];

const partOf = ({ tenant, group }: GroupKey): GroupPart => [keyOfId(tenant), keyOfId(group)];

/** The part of a range with the same first ids. */
const within = function* <Key extends readonly unknown[], Entry>(
  entries: Iterable<Entry>,
  keyOf: (entry: Entry) => Key,
  [first, second]: readonly unknown[],
): Generator<Entry> {
  for (const entry of entries) {
    const key = keyOf(entry);
    if (key[0] !== first || (second !== undefined && key[1] !== second)) return;
    yield entry;
  }
};

const itself = <T>(key: T): T => key;

const openGroups = (root: LmdbEnvironment["root"]): Pick<SubscriptionTables, "group" | "putGroup" | "groups"> => {
  const groups: Database<GroupState, GroupPart> = root.openDB("groups", {});
  return {
    group: (key) => {
      const stored = groups.get(partOf(key));
      return stored && readGroup(stored, `${key.group} of ${key.tenant}`);
    },
    putGroup: (key, state) => void groups.put(partOf(key), state),
    groups: function* (tenant, after) {
      const part = keyOfId(tenant);
      const range = groups.getRange({ start: [part, keyOfId(after ?? "")], exclusiveStart: true });
      for (const { key, value } of within(range, (entry) => entry.key, [part])) {
        const group = idOfKey(key[1]);
        yield [{ tenant, group }, readGroup(value, `${group} of ${tenant}`)] as const;
      }
    },
  };
};

const openRows = (root: LmdbEnvironment["root"]): Omit<SubscriptionTables, "transaction" | "group" | "putGroup" | "groups"> => {
  const rows: Database<Omit<RowState, "joined">, RowKey> = root.openDB("memberships", {});
  const byUser: Database<number, UserRowKey> = root.openDB("memberships-user", {});
  const byLeft: Database<number, LeftKey> = root.openDB("memberships-left", {});

  const rowKey = (key: GroupKey, { user, joined }: Pick<MembershipRow, "user" | "joined">): RowKey => [
    ...partOf(key),
    hash32(user),
    keyOfId(user),
    joined,
  ];
  const readAt = ([tenant, group, , user, joined]: RowKey, value: unknown): MembershipRow => {
    const row = readRow({ ...(value as RowState), joined }, `of ${idOfKey(user)} in ${idOfKey(group)} of ${idOfKey(tenant)}`);
    return { ...row, user: idOfKey(user) };
  };
  const leftKey = (key: GroupKey, { user, joined }: MembershipRow, left: number): LeftKey => [...partOf(key), left, keyOfId(user), joined];
  return {
    rows: function* (key, { hash, user, joined }) {
      const part = partOf(key);
      const place = user === undefined ? [hash] : joined === undefined ? [hash, keyOfId(user)] : [hash, keyOfId(user), joined];
      const range = rows.getRange({ start: [...part, ...place] as unknown as RowKey });
      for (const entry of within(range, ({ key: own }) => own, part)) yield readAt(entry.key, entry.value);
    },
    rowsOf: function* ({ tenant, user }, after) {
      const part = [keyOfId(tenant), keyOfId(user)] as const;
      const start = (after === undefined ? part : [...part, keyOfId(after), Number.MAX_SAFE_INTEGER]) as unknown as UserRowKey;
      for (const [, , group, joined] of within(byUser.getKeys({ start }), itself<UserRowKey>, part)) {
        const key = { tenant, group: idOfKey(group) };
        const own = rowKey(key, { user, joined });
        const value = rows.get(own);
        if (value) yield { ...key, ...readAt(own, value) };
      }
    },
    leftRows: function* (key, version) {
      const part = partOf(key);
      const range = byLeft.getKeys({ start: [...part, 0] as unknown as LeftKey });
      for (const [, , left, user, joined] of within(range, itself<LeftKey>, part)) {
        if (left > version) return;
        yield { user: idOfKey(user), joined, left, channels: [] };
      }
    },
    putRow: (key, row) => {
      void rows.put(rowKey(key, row), { channels: row.channels, left: row.left });
      void byUser.put([keyOfId(key.tenant), keyOfId(row.user), keyOfId(key.group), row.joined], 0);
      if (row.left !== null) void byLeft.put(leftKey(key, row, row.left), 0);
    },
    removeRow: (key, row) => {
      void rows.remove(rowKey(key, row));
      void byUser.remove([keyOfId(key.tenant), keyOfId(row.user), keyOfId(key.group), row.joined]);
      if (row.left !== null) void byLeft.remove(leftKey(key, row, row.left));
    },
  };
};

/** Groups and memberships of the embedded profile. Each call is one transaction. */
export const createLmdbSubscriptions = ({ root, transaction }: LmdbEnvironment, clock: Clock): Subscriptions =>
  createLocalSubscriptions({ transaction, ...openGroups(root), ...openRows(root) }, clock);
