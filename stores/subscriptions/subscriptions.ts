import type { Bucket } from "./hash32.js";

/** Most groups, members or users in one call. */
export const mostSubscriptionsAtOnce = 1_000;

export interface GroupKey {
  readonly tenant: string;
  readonly group: string;
}

export interface GroupPut extends GroupKey {
  readonly name: string | null;
  readonly attributes: Readonly<Record<string, string | number | boolean | readonly string[]>>;
}

/** A named set of users. */
export interface Group extends GroupPut {
  /** The latest version whose joins and leaves are complete. Grows, also beyond a removal, and may skip numbers. */
  readonly version: number;
  /** Number of members at `version`. */
  readonly members: number;
  readonly createdAt: Date;
  readonly changedAt: Date;
}

export interface Joining {
  readonly user: string;
  /** The channels that the user subscribed to; empty: all. */
  readonly channels: readonly string[];
}

export interface Member extends Joining {
  /** The version with which the user joined, or last changed its channels. */
  readonly joined: number;
}

/** The place of a member in the order of its group. */
export type MemberPlace = Pick<Member, "user" | "joined">;

export interface Change {
  /** The published version: a new one if anything changed. */
  readonly version: number;
  readonly members: number;
  /** For each item whether it changed anything. Of several items for a user, the last one counts. */
  readonly changed: readonly boolean[];
}

export interface Scan extends GroupKey {
  readonly version: number;
  readonly bucket: Bucket;
  /** Only members after this place. */
  readonly after?: MemberPlace | undefined;
  readonly limit: number;
}

/** A page of members. It may have fewer than `limit`, even none, although more follow. */
export interface MemberPage {
  readonly members: readonly Member[];
  /** Where the next page begins; undefined at the end. */
  readonly next: MemberPlace | undefined;
}

export interface MemberKey {
  readonly tenant: string;
  readonly user: string;
}

export interface Groups {
  /** Creates groups, or changes their names and attributes. Members stay. */
  putGroups(groups: readonly GroupPut[]): Promise<readonly Group[]>;
  getGroups(keys: readonly GroupKey[]): Promise<readonly (Group | undefined)[]>;
  /** By the UTF-8 bytes of the id. */
  listGroups(page: { readonly tenant: string; readonly after?: string | undefined; readonly limit: number }): Promise<readonly Group[]>;
  /**
   * Removes a group with its memberships: at once for readers, then row by row. False: there was no such group. Repeat a call that failed: it
   * removes the rows that are left.
   */
  removeGroup(key: GroupKey): Promise<boolean>;
}

export interface Memberships {
  /** Undefined: there is no such group. */
  join(key: GroupKey, members: readonly Joining[]): Promise<Change | undefined>;
  /** Undefined: there is no such group. */
  leave(key: GroupKey, users: readonly string[]): Promise<Change | undefined>;
  /** Members at a published version, by hash32 and then by the UTF-8 bytes of the id. None if the group was removed. */
  scan(scan: Scan): Promise<MemberPage>;
  /** The memberships of a user at the published versions, by group. `limit` counts groups. */
  groupsOf(
    page: MemberKey & { readonly after?: string | undefined; readonly limit: number },
  ): Promise<readonly (Member & { readonly group: string })[]>;
  /**
   * Removes users from all groups, with everything that they left there, and publishes new versions. Scans of earlier versions no longer
   * contain these users. Resolves with the number of rows removed.
   */
  forgetUsers(users: readonly MemberKey[]): Promise<number>;
  /**
   * Removes rows that no scan at `before` or a later version returns. Call once no running reader has an earlier version. Resolves with the
   * number of rows removed, at most `mostForgottenAtOnce`: call again until it is 0.
   */
  forgetLeft(key: GroupKey, before: number): Promise<number>;
}

export const mostForgottenAtOnce = 5_000;

/**
 * The groups of all tenants and their members. Ids of different tenants never meet.
 * Versions: joins and leaves of one call become visible together, with the version that the call publishes. Every scan of a version returns
 * the same members in the same order, whatever happens meanwhile, until `forgetLeft` or `forgetUsers`.
 * Concurrency: calls that change one group take turns, over all processes. A caller that ends in the middle leaves nothing visible.
 * Idempotency: joining again with the same channels, or leaving again, changes nothing.
 * Durability: an answer means that the change is durable.
 * All methods reject INPUT_INVALID for an id longer than `mostIdBytes` or more than `mostSubscriptionsAtOnce` items, and BUSY when other callers keep a group for too long.
 */
export interface Subscriptions extends Groups, Memberships {
  close(): Promise<void>;
}
