import type { Db } from "mongodb";
import { untilUndisturbed } from "../../lineage-store/mongo/conflicts.js";
import { areDuplicates } from "../../lineage-store/mongo/mongo-errors.js";
import type { DeviceOfUser, Removal } from "../directory.js";
import { bounded } from "../user-rules.js";
import { keyOfUser, livesOf, reachOf, registrationIds, registrationsIn, type StoredRegistration } from "./stored-users.js";

interface Entry {
  readonly document: StoredRegistration;
  readonly others: readonly string[];
}

type Owned = Pick<StoredRegistration, "_id" | "user" | "life">;

/** Removes registrations that still have this owner. */
const removeOwned = async (database: Db, registrations: readonly Owned[]): Promise<void> => {
  if (registrations.length === 0) return;
  await registrationsIn(database).bulkWrite(
    registrations.map(({ _id, user, life }) => ({ deleteOne: { filter: { _id, user, life } } })),
    { ordered: false },
  );
};

/** Two writers that create the same document at once disturb each other: one of them fails, and repeats its writes. */
const upsertAll = (database: Db, documents: readonly StoredRegistration[]): Promise<void> =>
  untilUndisturbed(async () => {
    try {
      await registrationsIn(database).bulkWrite(
        documents.map(({ _id, ...fields }) => ({ updateOne: { filter: { _id }, update: { $set: fields }, upsert: true } })),
        { ordered: false },
      );
      return true;
    } catch (error) {
      if (areDuplicates(error)) return false;
      throw error;
    }
  });

/**
 * While a new key becomes active, two processes can register one token in two forms at once. Each looks for other forms after its own write,
 * so at least one of them sees both, and both keep the same one: the latest.
 */
const settleForms = async (database: Db, entries: readonly Entry[]): Promise<void> => {
  const several = entries.filter(({ others }) => others.length > 0);
  if (several.length === 0) return;
  const ids = several.flatMap(({ document, others }) => [document._id, ...others]);
  const found = new Map(
    (
      await registrationsIn(database)
        .find({ _id: { $in: ids } })
        .toArray()
    ).map((one) => [one._id, one]),
  );
  const losers = several.flatMap(({ document, others }) =>
    [document._id, ...others]
      .flatMap((id) => found.get(id) ?? [])
      .sort((one, other) => other.registeredAt.getTime() - one.registeredAt.getTime() || (one._id < other._id ? 1 : -1))
      .slice(1),
  );
  await removeOwned(database, losers);
};

/** Removes the oldest registrations of users beyond the bound. */
const trim = async (database: Db, users: readonly string[]): Promise<void> => {
  const projection = { user: 1, life: 1, channel: 1, registeredAt: 1 };
  const found = await registrationsIn(database)
    .find({ user: { $in: [...users] } }, { projection })
    .toArray();
  const groups = new Map<string, StoredRegistration[]>();
  for (const one of found) groups.set(`${one.channel} ${one.user}`, [...(groups.get(`${one.channel} ${one.user}`) ?? []), one]);
  await removeOwned(
    database,
    [...groups.values()].flatMap((own) => {
      const kept = new Set(bounded(own));
      return own.filter((one) => !kept.has(one));
    }),
  );
};

/** Registers tokens, each at most once. */
export const registerDevices = async (database: Db, devices: readonly DeviceOfUser[], now: () => Date): Promise<readonly boolean[]> => {
  const users = devices.map(keyOfUser);
  const lives = await livesOf(database, users);
  const entries = devices.flatMap((device, index): Entry[] => {
    const user = users[index] ?? "";
    const life = lives.get(user);
    if (life === undefined) return [];
    const { own, others } = registrationIds(device);
    const { tenant, channel, app, address } = device;
    const document = { _id: own, user, life, reach: reachOf(tenant, channel, address), channel, app, address, registeredAt: now() };
    return [{ document, others }];
  });
  if (entries.length === 0) return devices.map(() => false);
  const others = entries.flatMap((entry) => entry.others);
  if (others.length > 0) await registrationsIn(database).deleteMany({ _id: { $in: others } });
  const documents = entries.map(({ document }) => document);
  await upsertAll(database, documents);
  await settleForms(database, entries);
  // whoever forgets a user removes the user first: either this read misses the user, or the registrations are removed after it
  const alive = await livesOf(
    database,
    documents.map(({ user }) => user),
  );
  await removeOwned(
    database,
    documents.filter(({ user, life }) => alive.get(user) !== life),
  );
  await trim(database, [...alive.keys()]);
  return users.map((user) => lives.has(user) && alive.get(user) === lives.get(user));
};

/** Removes tokens, each at most once. */
export const unregisterDevices = async (database: Db, removals: readonly Removal[]): Promise<readonly boolean[]> => {
  const wanted = removals.map((removal) => {
    const { own, others } = registrationIds(removal);
    const user = removal.id === undefined ? undefined : keyOfUser({ tenant: removal.tenant, id: removal.id });
    return { ids: [own, ...others], user, before: removal.before };
  });
  const collection = registrationsIn(database);
  const found = new Map((await collection.find({ _id: { $in: wanted.flatMap(({ ids }) => ids) } }).toArray()).map((one) => [one._id, one]));
  const going = wanted.map(({ ids, user, before }) =>
    ids
      .flatMap((id) => found.get(id) ?? [])
      .filter((one) => (user === undefined || one.user === user) && (before === undefined || one.registeredAt < before)),
  );
  const operations = going.flat().map(({ _id, user, registeredAt }) => ({ deleteOne: { filter: { _id, user, registeredAt } } }));
  // one that was registered again meanwhile stays
  if (operations.length > 0) await collection.bulkWrite(operations, { ordered: false });
  return going.map((own) => own.length > 0);
};
