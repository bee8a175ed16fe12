import type { Clock } from "../clock.js";
import { textKeyOf } from "../id-keys.js";
import type { Directory, User } from "./directory.js";
import { byBytes, createLocalDirectory } from "./local-directory.js";
import { addressesOf } from "./user-rules.js";

/** A directory in memory, for tests and the test driver. */
export const createMemoryDirectory = (clock: Clock): Directory => {
  const users = new Map<string, User>();
  const after = (tenant: string, id: string | undefined): User[] =>
    [...users.values()]
      .filter((user) => user.tenant === tenant && (id === undefined || byBytes(user.id, id) > 0))
      .sort((one, other) => byBytes(one.id, other.id));
  return createLocalDirectory(
    {
      transaction: async (change) => change(),
      get: ({ tenant, id }) => users.get(textKeyOf(tenant, id)),
      write: (user) => void users.set(textKeyOf(user.tenant, user.id), user),
      remove: ({ tenant, id }) => void users.delete(textKeyOf(tenant, id)),
      list: (tenant, id, limit) => after(tenant, id).slice(0, limit),
      owners: (tenant, channel, address, id, limit) =>
        after(tenant, id)
          .filter((user) => addressesOf(user).some((one) => one.channel === channel && one.address === address))
          .slice(0, limit)
          .map((user) => user.id),
    },
    clock,
  );
};
