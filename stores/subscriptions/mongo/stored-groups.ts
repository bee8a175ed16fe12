import type { Collection, Db, Filter } from "mongodb";
import { idsOfTextKey, keyEnd, keyOfId, keySeparator, textKeyOf } from "../../id-keys.js";
import { type Bucket, hash32, hashEnd } from "../hash32.js";
import type { MembershipRow, Visibility } from "../membership-rows.js";
import { type GroupState, readGroup, readRow } from "../stored-shapes.js";
import type { Group, GroupKey, MemberKey, MemberPlace } from "../subscriptions.js";

export interface StoredGroup extends GroupState, Visibility {
  /** Tenant and group, see textKeyOf. */
  readonly _id: string;
  /** The latest version that a writer took. No version is taken twice. */
  readonly issued: number;
  /** The writer whose turn it is, and when another one may take its place. */
  readonly writing: { readonly version: number; readonly untilMs: number } | null;
}

export interface StoredRow {
  /** Group, hash, user and joined version: one index serves bucket, order and cursor. */
  readonly _id: string;
  readonly group: string;
  /** Tenant and user. */
  readonly member: string;
  readonly joined: number;
  readonly left: number | null;
  readonly channels: readonly string[];
}

export const groupsIn = (database: Db): Collection<StoredGroup> => database.collection<StoredGroup>("groups");
export const rowsIn = (database: Db): Collection<StoredRow> => database.collection<StoredRow>("memberships");

export const prepareSubscriptions = async (database: Db): Promise<void> => {
  await rowsIn(database).createIndexes([
    { name: "member", key: { member: 1, group: 1, _id: 1 } },
    { name: "left", key: { group: 1, left: 1 }, partialFilterExpression: { left: { $gt: 0 } } },
  ]);
};

export const keyOfGroup = ({ tenant, group }: GroupKey): string => textKeyOf(tenant, group);
export const keyOfMember = ({ tenant, user }: MemberKey): string => textKeyOf(tenant, user);

const hashText = (hash: number): string => hash.toString(16).padStart(8, "0");
const versionText = (version: number): string => version.toString(16).padStart(14, "0");

export const rowId = (group: string, { user, joined }: MemberPlace): string =>
  [group, hashText(hash32(user)), keyOfId(user), versionText(joined)].join(keySeparator);

/** All rows of users, of whatever version. */
export const rowsOfUsers = (group: string, users: readonly string[]): Filter<StoredRow> => {
  const [tenant = ""] = idsOfTextKey(group);
  return { group, member: { $in: users.map((user) => keyOfMember({ tenant, user })) } };
};

/** The rows of a group in a bucket, after a place. */
export const rowRange = (group: string, { from, end }: Bucket, after?: MemberPlace): { $gt: string; $lt: string } => {
  const start = `${group}${keySeparator}`;
  return {
    $gt: after ? rowId(group, after) : `${start}${hashText(from)}`,
    $lt: end >= hashEnd ? `${group}${keyEnd}` : `${start}${hashText(end)}`,
  };
};

/** The rows that isVisible selects. */
export const visibleAt = ({ base, aborted }: Visibility, version: number): Filter<StoredRow> => ({
  joined: { $gt: base, $lte: version, ...(aborted.length > 0 ? { $nin: [...aborted] } : {}) },
  $or: [{ left: null }, { left: { $gt: version } }, ...(aborted.length > 0 ? [{ left: { $in: [...aborted] } }] : [])],
});

export const toRow = ({ _id, member, ...stored }: StoredRow): MembershipRow => {
  const [, user = ""] = idsOfTextKey(member);
  return { ...readRow(stored, `of ${user}`), user };
};

export const toGroup = (stored: StoredGroup): Group => {
  const [tenant = "", group = ""] = idsOfTextKey(stored._id);
  const { name, attributes, version, members, createdAt, changedAt } = readGroup(stored, `${group} of ${tenant}`);
  return { tenant, group, name, attributes, version, members, createdAt, changedAt };
};
