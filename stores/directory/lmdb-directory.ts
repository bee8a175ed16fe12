import type { Database } from "lmdb";
import type { Clock } from "../clock.js";
import { idOfKey, keyOfId } from "../id-keys.js";
import type { LmdbEnvironment } from "../lmdb-environment.js";
import type { AddressChannel, Directory, User } from "./directory.js";
import { createLocalDirectory } from "./local-directory.js";
import { addressesOf, digestOf } from "./user-rules.js";
import { readUser } from "./user-schema.js";

/** Ids are escaped, see id-keys.ts. */
type Key = [tenant: string, id: string];
type IndexKey = [tenant: string, digest: string, id: string];

const digestOfAddress = (channel: AddressChannel, address: string): string => digestOf(channel, address);

/** The directory of the embedded profile. Each call is one transaction, and a user is one entry with its registrations. */
export const createLmdbDirectory = (environment: LmdbEnvironment, clock: Clock): Directory => {
  const users: Database<User, Key> = environment.root.openDB("users", {});
  const byAddress: Database<number, IndexKey> = environment.root.openDB("users-address", {});
  const digestsOf = (user: User | undefined): ReadonlySet<string> =>
    new Set((user ? addressesOf(user) : []).map(({ channel, address }) => digestOfAddress(channel, address)));
  const keyOf = ({ tenant, id }: Pick<User, "tenant" | "id">): Key => [keyOfId(tenant), keyOfId(id)];
  const index = (key: Key, before: ReadonlySet<string>, now: ReadonlySet<string>): void => {
    for (const digest of before) if (!now.has(digest)) void byAddress.remove([key[0], digest, key[1]]);
    for (const digest of now) if (!before.has(digest)) void byAddress.put([key[0], digest, key[1]], 0);
  };
  return createLocalDirectory(
    {
      transaction: environment.transaction,
      get: (key) => {
        const stored = users.get(keyOf(key));
        return stored && readUser(stored);
      },
      write: (user, before) => {
        const key = keyOf(user);
        void users.put(key, user);
        index(key, digestsOf(before), digestsOf(user));
      },
      remove: (user) => {
        const key = keyOf(user);
        void users.remove(key);
        index(key, digestsOf(user), new Set());
      },
      list: (tenant, after, limit) => {
        const own = keyOfId(tenant);
        const found: User[] = [];
        // an id is never empty, so the empty one is before all
        for (const { key, value } of users.getRange({ start: [own, keyOfId(after ?? "")], exclusiveStart: true, limit })) {
          if (key[0] !== own) break;
          found.push(readUser(value));
        }
        return found;
      },
      owners: (tenant, channel, address, after, limit) => {
        const [own, digest] = [keyOfId(tenant), digestOfAddress(channel, address)];
        const found: string[] = [];
        for (const key of byAddress.getKeys({ start: [own, digest, keyOfId(after ?? "")], exclusiveStart: true, limit })) {
          if (key[0] !== own || key[1] !== digest) break;
          found.push(idOfKey(key[2]));
        }
        return found;
      },
    },
    clock,
  );
};
