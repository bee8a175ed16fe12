import type { User } from "../stores/directory/directory.js";
import type { Group, Member } from "../stores/subscriptions/subscriptions.js";
import { type ReadableUser, userLineOf } from "./user-line.js";

/** A user as answers have it. Times are ISO 8601. */
export interface UserView {
  readonly id: string;
  readonly addresses: Partial<ReadableUser["addresses"]>;
  readonly locale?: string | undefined;
  readonly timeZone?: string | undefined;
  readonly attributes?: Readonly<Record<string, string | number | boolean | string[]>> | undefined;
  readonly createdAt: string;
  readonly changedAt: string;
  readonly revision: number;
}

export interface GroupView {
  readonly id: string;
  readonly name: string | null;
  readonly attributes: Readonly<Record<string, string | number | boolean | string[]>>;
  readonly members: number;
  readonly version: number;
  readonly createdAt: string;
  readonly changedAt: string;
}

export interface MemberView {
  readonly user: string;
  readonly channels: string[];
  readonly joined: number;
}

export type MembershipView = Omit<MemberView, "user"> & { readonly group: string };

const ownAttributes = (attributes: User["attributes"]): GroupView["attributes"] =>
  Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, typeof value === "object" ? [...value] : value]));

export const userView = (user: User): UserView => {
  const { attributes, ...line } = userLineOf(user);
  return {
    ...line,
    attributes: attributes && ownAttributes(attributes),
    createdAt: user.createdAt.toISOString(),
    changedAt: user.changedAt.toISOString(),
    revision: user.revision,
  };
};

export const groupView = ({ group, name, attributes, members, version, createdAt, changedAt }: Group): GroupView => ({
  ...{ id: group, name, attributes: ownAttributes(attributes), members, version },
  ...{ createdAt: createdAt.toISOString(), changedAt: changedAt.toISOString() },
});

export const memberView = ({ user, channels, joined }: Member): MemberView => ({ user, channels: [...channels], joined });

export const membershipView = ({ group, channels, joined }: Member & { readonly group: string }): MembershipView => ({
  ...{ group, channels: [...channels], joined },
});
