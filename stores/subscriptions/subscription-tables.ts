import type { MembershipRow, Visibility } from "./membership-rows.js";
import type { GroupState } from "./stored-shapes.js";
import type { GroupKey, MemberKey } from "./subscriptions.js";

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

/** The group, unless it was removed. */
export const findGroup = (tables: SubscriptionTables, key: GroupKey): GroupState | undefined => {
  const state = tables.group(key);
  return state?.removed ? undefined : state;
};

/** A change is one transaction: no version of a writer that ended stays in the way. */
export const visibilityOf = ({ base }: GroupState): Visibility => ({ base, aborted: [] });

export const first = <T>(items: Iterable<T>, most: number): T[] => {
  const found: T[] = [];
  for (const item of items) if (found.push(item) >= most) break;
  return found;
};
