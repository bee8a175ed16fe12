import type { Db } from "mongodb";
import type { Clock } from "../../clock.js";
import { assertIds, idsOfTextKey, keyEnd, keyOfId, keySeparator, textKeyOf } from "../../id-keys.js";
import { inRounds } from "../../mongo/in-rounds.js";
import { type MongoConnection, preparedOnce } from "../../mongo/mongo-connection.js";
import { type AddressQuery, type Directory, deviceChannels, type User, type UserKey } from "../directory.js";
import { assertDeviceIds, assertUserIds } from "../user-rules.js";
import { putUsers } from "./put-users.js";
import { registerDevices, unregisterDevices } from "./register-devices.js";
import { keyOfUser, livesOf, prepareUsers, reachOf, registrationIds, registrationsIn, usersIn, withRegistrations } from "./stored-users.js";

const getUsers = async (database: Db, keys: readonly UserKey[]): Promise<readonly (User | undefined)[]> => {
  const ids = keys.map(keyOfUser);
  const stored = await usersIn(database)
    .find({ _id: { $in: ids } })
    .toArray();
  const users = await withRegistrations(database, stored);
  const byId = new Map(users.map((user) => [keyOfUser(user), user]));
  return ids.map((id) => byId.get(id));
};

const isDeviceChannel = (channel: string): boolean => (deviceChannels as readonly string[]).includes(channel);

/** The next users by `_id` that have an address. A user without the registration's life is not the one that registered it. */
const nextOwners = async (database: Db, reach: readonly string[], after: string, limit: number): Promise<string[]> => {
  const registrations = await registrationsIn(database)
    .find({ reach: { $in: [...reach] }, user: { $gt: after } }, { projection: { user: 1, life: 1 } })
    .sort({ user: 1 })
    .limit(limit)
    .toArray();
  const lives = await livesOf(
    database,
    registrations.map(({ user }) => user),
  );
  const owners = registrations.filter(({ user, life }) => lives.get(user) === life).map(({ user }) => user);
  const last = registrations.at(-1);
  // apps of one user, and leftovers of a crash, take places of the page
  if (registrations.length === limit && last && new Set(owners).size < limit)
    return [...owners, ...(await nextOwners(database, reach, last.user, limit))];
  return owners;
};

const findOwners = async (database: Db, { tenant, channel, address, otherForms = [], after, limit }: AddressQuery): Promise<string[]> => {
  const reach = [address, ...otherForms].map((form) => reachOf(tenant, channel, form));
  const start = after === undefined ? `${keyOfId(tenant)}${keySeparator}` : textKeyOf(tenant, after);
  if (isDeviceChannel(channel)) return [...new Set(await nextOwners(database, reach, start, limit))].slice(0, limit);
  const found = await usersIn(database)
    .find({ reach: { $in: reach }, _id: { $gt: start } }, { projection: { _id: 1 } })
    .sort({ _id: 1 })
    .limit(limit)
    .toArray();
  return found.map(({ _id }) => _id);
};

/** Removes the registrations of users who are gone. A user who was put again meanwhile has another life, and keeps what it registers. */
const forgetRegistrations = async (database: Db, users: readonly string[]): Promise<void> => {
  const own = { user: { $in: [...users] } };
  const found = await registrationsIn(database).distinct("life", own);
  if (found.length === 0) return;
  const alive = new Set((await livesOf(database, users)).values());
  await registrationsIn(database).deleteMany({ ...own, life: { $in: found.filter((life) => !alive.has(life)) } });
};

/** The directory in MongoDB: a document per user, and a document per token that names its owner. No transactions are needed. */
export const createMongoDirectory = (connection: MongoConnection, clock: Clock): Directory => {
  const { ask, close } = preparedOnce(connection, prepareUsers);
  const now = (): Date => new Date(clock.now());
  return {
    get: async (keys) => {
      assertUserIds(keys);
      return ask((database) => getUsers(database, keys));
    },
    put: async (users) => {
      assertUserIds(users);
      return ask((database) => inRounds(users, keyOfUser, (round) => putUsers(database, round, now)));
    },
    register: async (devices) => {
      assertDeviceIds(devices);
      const keyOf = (device: (typeof devices)[number]): string => registrationIds(device).own;
      return ask((database) => inRounds(devices, keyOf, (round) => registerDevices(database, round, now)));
    },
    unregister: async (removals) => {
      assertDeviceIds(removals);
      const keyOf = (removal: (typeof removals)[number]): string => registrationIds(removal).own;
      return ask((database) => inRounds(removals, keyOf, (round) => unregisterDevices(database, round)));
    },
    list: async ({ tenant, after, limit }) => {
      assertIds({ tenant, user: after });
      const start = after === undefined ? `${keyOfId(tenant)}${keySeparator}` : textKeyOf(tenant, after);
      return ask(async (database) => {
        const range = { $gt: start, $lt: `${keyOfId(tenant)}${keyEnd}` };
        return withRegistrations(database, await usersIn(database).find({ _id: range }).sort({ _id: 1 }).limit(limit).toArray());
      });
    },
    usersOf: async (query) => {
      assertIds({ tenant: query.tenant, user: query.after });
      const found = await ask((database) => findOwners(database, query));
      return found.map((key) => idsOfTextKey(key)[1] ?? "");
    },
    forget: async (keys) => {
      assertUserIds(keys);
      return ask(async (database) => {
        const users = await getUsers(database, keys);
        const ids = keys.map(keyOfUser);
        // users first, see registerDevices
        await usersIn(database).deleteMany({ _id: { $in: ids } });
        await forgetRegistrations(database, ids);
        return users;
      });
    },
    close,
  };
};
