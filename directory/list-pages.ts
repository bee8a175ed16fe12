import { z } from "zod";
import { CarillonError } from "../schemas/errors.js";
import type { Directory, User } from "../stores/directory/directory.js";
import { wholeGroup } from "../stores/subscriptions/hash32.js";
import type { Group, GroupKey, Member, MemberPlace, Subscriptions } from "../stores/subscriptions/subscriptions.js";
import { type CursorScope, cursorOf, placeOf } from "./page-cursor.js";

export interface Page<Item> {
  readonly items: readonly Item[];
  /** Continues after the last item; null: there are no more. */
  readonly cursor: string | null;
}

export interface PageRequest {
  readonly limit: number;
  readonly cursor?: string | undefined;
}

const idPlace = z.string().min(1);

/** A page of items that are ordered by their ids. Reads one more, to know whether another page follows. */
const pageById = async <Item>(
  scope: CursorScope,
  { limit, cursor }: PageRequest,
  read: (after: string | undefined, limit: number) => Promise<readonly Item[]>,
  idOf: (item: Item) => string,
): Promise<Page<Item>> => {
  const after = cursor === undefined ? undefined : placeOf(scope, cursor, idPlace);
  const found = await read(after, limit + 1);
  const items = found.slice(0, limit);
  const last = items.at(-1);
  return { items, cursor: last && found.length > limit ? cursorOf(scope, idOf(last)) : null };
};

/** A page of a tenant's users, by the UTF-8 bytes of their ids. */
export const listUsers = (directory: Directory, tenant: string, page: PageRequest): Promise<Page<User>> =>
  pageById(
    ["users", tenant],
    page,
    (after, limit) => directory.list({ tenant, after, limit }),
    ({ id }) => id,
  );

/** A page of a tenant's groups, by the UTF-8 bytes of their ids. */
export const listGroups = (subscriptions: Subscriptions, tenant: string, page: PageRequest): Promise<Page<Group>> =>
  pageById(
    ["groups", tenant],
    page,
    (after, limit) => subscriptions.listGroups({ tenant, after, limit }),
    ({ group }) => group,
  );

/** A page of a user's groups, by the UTF-8 bytes of their ids. */
export const listGroupsOf = (
  subscriptions: Subscriptions,
  { tenant, user }: { readonly tenant: string; readonly user: string },
  page: PageRequest,
): Promise<Page<Member & { readonly group: string }>> =>
  pageById(
    ["groups of a user", tenant, user],
    page,
    (after, limit) => subscriptions.groupsOf({ tenant, user, after, limit }),
    ({ group }) => group,
  );

/** A list of members can be continued for this long: the rows of its version stay until then. */
export const mostCursorAgeMs = 86_400_000;

/** Cursors of earlier versions lack the time at which the list began. */
const memberPlace = z.union([
  z.tuple([z.int().min(0), z.string().min(1), z.int().min(1), z.int()]),
  z.tuple([z.int().min(0), z.string().min(1), z.int().min(1)]),
]);

const assertContinues = (beganMs: number, nowMs: number): void => {
  if (nowMs - beganMs <= mostCursorAgeMs) return;
  throw new CarillonError("INPUT_INVALID", "belongs to a list that was begun more than a day ago", {
    field: "cursor",
    fix: "begin the list again, without a cursor",
  });
};

/** Most scans for one page: rows of former members can fill a scan without a single member. */
const mostScans = 20;

const placeOfMember = ({ user, joined }: Member): MemberPlace => ({ user, joined });

export interface MembersPage extends Page<Member> {
  /** The version of the group that all pages of the list show. */
  readonly version: number;
}

interface Reading {
  readonly version: number;
  readonly after: MemberPlace | undefined;
}

/** Reads one member more than the page has, to know whether another page follows. */
const readMembers = async (subscriptions: Subscriptions, key: GroupKey, { version, after }: Reading, limit: number) => {
  const found: Member[] = [];
  let next: MemberPlace | undefined = after;
  for (let scans = 0; scans < mostScans && found.length <= limit; scans += 1) {
    const page = await subscriptions.scan({ ...key, version, bucket: wholeGroup, after: next, limit: limit + 1 - found.length });
    found.push(...page.members);
    next = page.next;
    if (!next) break;
  }
  const items = found.slice(0, limit);
  const last = items.at(-1);
  return { items, next: last && found.length > limit ? placeOfMember(last) : next };
};

/**
 * A page of a group's members, in the order of broadcasts. All pages of a list show the version that was current when it began. Undefined:
 * there is no such group. A page may have fewer items than `limit`, although more follow.
 */
export const listMembers = async (
  subscriptions: Subscriptions,
  { tenant, group }: GroupKey,
  { limit, cursor }: PageRequest,
  nowMs: number,
): Promise<MembersPage | undefined> => {
  const scope: CursorScope = ["members", tenant, group];
  const key = { tenant, group };
  const [found] = await subscriptions.getGroups([key]);
  if (!found) return undefined;
  const given = cursor === undefined ? undefined : placeOf(scope, cursor, memberPlace);
  const [version, user, joined, beganMs = nowMs] = given ?? [];
  assertContinues(beganMs, nowMs);
  const after = user !== undefined && joined !== undefined ? { user, joined } : undefined;
  const at = Math.min(version ?? found.version, found.version);
  const { items, next } = await readMembers(subscriptions, key, { version: at, after }, limit);
  return { items, version: at, cursor: next ? cursorOf(scope, [at, next.user, next.joined, beganMs]) : null };
};
