import { assertBatch } from "../assert-batch.js";
import { assertIds } from "../id-keys.js";
import { type GroupKey, type Joining, type Member, type MemberKey, mostSubscriptionsAtOnce } from "./subscriptions.js";

/** A membership from the version in which it began to the version in which it ended. */
export interface MembershipRow extends Joining {
  readonly joined: number;
  /** Null: the user is still a member. */
  readonly left: number | null;
}

/** What decides which rows of a group are visible. */
export interface Visibility {
  /** Rows up to this version belong to a group of the same id that was removed. */
  readonly base: number;
  /** Versions whose writers did not publish them. Their rows count as unwritten, and what they ended has not ended. */
  readonly aborted: readonly number[];
}

export const isVisible = ({ base, aborted }: Visibility, version: number, { joined, left }: MembershipRow): boolean =>
  joined > base && joined <= version && !aborted.includes(joined) && (left === null || left > version || aborted.includes(left));

export const toMember = ({ user, channels, joined }: MembershipRow): Member => ({ user, channels, joined });

/** Null: leaves. */
export type Wanted = ReadonlyMap<string, readonly string[] | null>;

export const joins = (members: readonly Joining[]): Wanted =>
  new Map(members.map(({ user, channels }) => [user, [...new Set(channels)].sort()]));
export const leaves = (users: readonly string[]): Wanted => new Map(users.map((user) => [user, null]));

export interface RowPlan {
  readonly closed: readonly MembershipRow[];
  readonly opened: readonly MembershipRow[];
  /** Change of the number of members. */
  readonly delta: number;
  readonly changed: ReadonlySet<string>;
}

const isSame = (one: readonly string[], other: readonly string[]): boolean =>
  one.length === other.length && one.every((channel, index) => channel === other[index]);

/** The rows that a change ends and begins. `current`: the visible rows of the users. A change of channels ends one row and begins another. */
export const planRows = (wanted: Wanted, current: ReadonlyMap<string, MembershipRow>, version: number): RowPlan => {
  const [closed, opened]: [MembershipRow[], MembershipRow[]] = [[], []];
  const changed = new Set<string>();
  for (const [user, channels] of wanted) {
    const row = current.get(user);
    if (channels === null ? !row : row && isSame(row.channels, channels)) continue;
    changed.add(user);
    if (row) closed.push(row);
    if (channels) opened.push({ user, channels, joined: version, left: null });
  }
  return { closed, opened, delta: opened.length - closed.length, changed };
};

/** For each item whether it made the change of its user: only the last item of a user does. */
export const changedItems = (users: readonly string[], changed: ReadonlySet<string>): readonly boolean[] => {
  const last = new Map(users.map((user, index) => [user, index]));
  return users.map((user, index) => changed.has(user) && last.get(user) === index);
};

export const assertGroupIds = (keys: readonly GroupKey[], users: readonly string[] = []): void => {
  for (const items of [keys, users]) assertBatch(items, mostSubscriptionsAtOnce);
  for (const { tenant, group } of keys) assertIds({ tenant, group });
  for (const user of users) assertIds({ user });
};

export const assertMemberIds = (keys: readonly MemberKey[]): void => {
  assertBatch(keys, mostSubscriptionsAtOnce);
  for (const { tenant, user } of keys) assertIds({ tenant, user });
};
