import { CarillonError } from "../schemas/errors.js";
import type { Directory, User, UserKey } from "../stores/directory/directory.js";
import type { GivenAddress } from "./address-input.js";
import { storeUsers, type UserToStore } from "./store-users.js";

/** Rejected for a user that does not exist. */
export const unknownUser = (): CarillonError => {
  const problem = "there is no such user";
  return new CarillonError("NOT_FOUND", problem, { field: "id", fix: "create the user first, or correct the id", publicWords: problem });
};

/** Rejects NOT_FOUND for an unknown user. */
export const getUser = async (directory: Directory, key: UserKey): Promise<User> => {
  const [found] = await directory.get([key]);
  if (!found) throw unknownUser();
  return found;
};

const conflict = (revision: number): CarillonError => {
  const problem = revision === 0 ? "there is no such user" : `the user has the revision ${revision}`;
  return new CarillonError("CONFLICT", problem, { field: "revision", fix: "read the user, and change what it is now" });
};

/** Creates or replaces a user. Rejects CONFLICT if the user has another revision than the wanted one. */
export const putUser = async (directory: Directory, tenant: string, given: UserToStore): Promise<User> => {
  const [answer] = await storeUsers(directory, tenant, [given]);
  if (answer?.state !== "stored") throw conflict(answer?.revision ?? 0);
  return getUser(directory, { tenant, id: given.id });
};

/** How often an address is set again after another caller changed the user meanwhile. */
const mostTries = 5;

type Single = Readonly<Record<"email" | "sms", string | null>>;

/** Changes the single addresses of a user. `change` returns undefined if there is nothing to change. */
const changeSingle = async (directory: Directory, key: UserKey, change: (now: Single) => Partial<Single>): Promise<User> => {
  for (let triesLeft = mostTries; ; triesLeft -= 1) {
    const { addresses, locale, timeZone, attributes, revision } = await getUser(directory, key);
    const { email, sms } = addresses;
    const put = { ...key, addresses: { email, sms, ...change({ email, sms }) }, locale, timeZone, attributes, revision };
    const [answer] = await directory.put([put]);
    if (answer?.state === "stored") return getUser(directory, key);
    if (triesLeft === 0) throw conflict(answer?.revision ?? 0);
  }
};

/** Sets the email address or phone number of a user, or registers a token or endpoint. Rejects NOT_FOUND for an unknown user. */
export const addAddress = async (directory: Directory, key: UserKey, { channel, address, app }: GivenAddress): Promise<User> => {
  if (channel === "email" || channel === "sms") return changeSingle(directory, key, () => ({ [channel]: address }));
  const [registered] = await directory.register([{ ...key, channel, address, app }]);
  if (!registered) throw unknownUser();
  return getUser(directory, key);
};

const unknownAddress = (): CarillonError => {
  const problem = "the user has no such address";
  return new CarillonError("NOT_FOUND", problem, { field: "address", fix: "give one of the user's addresses", publicWords: problem });
};

/** Removes an address of a user. Rejects NOT_FOUND for an unknown user or address. */
export const removeAddress = async (directory: Directory, key: UserKey, { channel, address, app }: GivenAddress): Promise<User> => {
  if (channel === "email" || channel === "sms")
    return changeSingle(directory, key, (now) => {
      if (now[channel] !== address) throw unknownAddress();
      return { [channel]: null };
    });
  const user = await getUser(directory, key);
  const { tenant, id } = key;
  // without an app in the request, the address of any app is meant
  const owned = user.addresses[channel].filter((one) => one.address === address && (app === null || one.app === app));
  const removed = await directory.unregister(owned.map((one) => ({ tenant, id, channel, address, app: one.app })));
  if (!removed.includes(true)) throw unknownAddress();
  return getUser(directory, key);
};
