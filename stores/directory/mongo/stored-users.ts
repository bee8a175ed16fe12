import type { Collection, Db } from "mongodb";
import { idsOfTextKey, textKeyOf } from "../../id-keys.js";
import { type AddressChannel, type DeviceAddress, type DeviceChannel, deviceChannels, type User, type UserKey } from "../directory.js";
import { bounded, digestOf } from "../user-rules.js";
import { readUser } from "../user-schema.js";

/** A user without its registrations. */
export interface StoredUser {
  /** Tenant and id, see textKeyOf. Unique, and in the order of pages. */
  readonly _id: string;
  /** Differs for a user that was forgotten and put again, so that nothing of the former user becomes visible. */
  readonly life: string;
  /** The write that made this document. */
  readonly write: string;
  readonly email: string | null;
  readonly sms: string | null;
  /** Digests of tenant, channel and address. */
  readonly reach: readonly string[];
  readonly locale: string | null;
  readonly timeZone: string | null;
  readonly attributes: User["attributes"];
  readonly createdAt: Date;
  readonly changedAt: Date;
  readonly revision: number;
}

/** One document per token, which names its one owner: moving a token is one atomic change. */
export interface StoredRegistration {
  /** Digest of tenant, channel, app and address. */
  readonly _id: string;
  /** `_id` and life of the owner. */
  readonly user: string;
  readonly life: string;
  readonly reach: string;
  readonly channel: DeviceChannel;
  readonly app: string | null;
  readonly address: string;
  readonly registeredAt: Date;
}

export const usersIn = (database: Db): Collection<StoredUser> => database.collection<StoredUser>("users");
export const registrationsIn = (database: Db): Collection<StoredRegistration> => database.collection<StoredRegistration>("registrations");

export const prepareUsers = async (database: Db): Promise<void> => {
  await usersIn(database).createIndexes([{ name: "reach", key: { reach: 1, _id: 1 } }]);
  await registrationsIn(database).createIndexes([
    { name: "user", key: { user: 1 } },
    { name: "reach", key: { reach: 1, user: 1 } },
  ]);
};

export const keyOfUser = ({ tenant, id }: UserKey): string => textKeyOf(tenant, id);

export const reachOf = (tenant: string, channel: AddressChannel, address: string): string => digestOf(tenant, channel, address);

export const registrationId = ({ tenant, channel, app }: DeviceAddress, form: string): string =>
  digestOf(tenant, channel, JSON.stringify(app), form);

/** The documents' ids of an address: its own, and those of its other forms. */
export const registrationIds = (device: DeviceAddress): { readonly own: string; readonly others: readonly string[] } => ({
  own: registrationId(device, device.address),
  others: (device.otherForms ?? []).map((form) => registrationId(device, form)),
});

export const toUser = ({ _id, email, sms, ...stored }: StoredUser, registrations: readonly StoredRegistration[]): User => {
  const [tenant, id] = idsOfTextKey(_id);
  const own = registrations.filter(({ life }) => life === stored.life);
  const of = (channel: DeviceChannel) =>
    bounded(own.filter((one) => one.channel === channel)).map(({ address, app, registeredAt }) => ({ address, app, registeredAt }));
  const devices = Object.fromEntries(deviceChannels.map((channel) => [channel, of(channel)]));
  return readUser({ ...stored, tenant, id, addresses: { email, sms, ...devices } });
};

/** Adds the registrations to users, in the order of the users. */
export const withRegistrations = async (database: Db, users: readonly StoredUser[]): Promise<readonly User[]> => {
  if (users.length === 0) return [];
  const registrations = await registrationsIn(database)
    .find({ user: { $in: users.map(({ _id }) => _id) } })
    .toArray();
  const byUser = new Map<string, StoredRegistration[]>();
  for (const one of registrations) byUser.set(one.user, [...(byUser.get(one.user) ?? []), one]);
  return users.map((user) => toUser(user, byUser.get(user._id) ?? []));
};

/** The current lives of users by `_id`. */
export const livesOf = async (database: Db, ids: readonly string[]): Promise<ReadonlyMap<string, string>> => {
  const found = await usersIn(database)
    .find({ _id: { $in: [...new Set(ids)] } }, { projection: { life: 1 } })
    .toArray();
  return new Map(found.map(({ _id, life }) => [_id, life]));
};
