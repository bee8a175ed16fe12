import { CarillonError } from "../schemas/errors.js";
import { type AddressChannel, addressChannels, type Directory, directoryBounds } from "../stores/directory/directory.js";
import { removeAddress } from "./users.js";

/** Users that are changed at the same time. */
const mostAtOnce = 20;

/** Pages of ids of the users with an address. */
async function* usersWith(
  directory: Directory,
  tenant: string,
  channel: AddressChannel,
  address: string,
): AsyncGenerator<readonly string[]> {
  for (let after: string | undefined; ; ) {
    const page = await directory.usersOf({ tenant, channel, address, after, limit: directoryBounds.batch });
    yield page;
    if (page.length < directoryBounds.batch) return;
    after = page.at(-1);
  }
}

/** Removes an address, in all its spellings, from the users of a tenant. Resolves with the ids of the users that had it. */
export const eraseAddress = async (directory: Directory, tenant: string, spellings: readonly string[]): Promise<readonly string[]> => {
  const changed = new Set<string>();
  const remove = async (id: string, channel: AddressChannel, address: string): Promise<void> => {
    try {
      await removeAddress(directory, { tenant, id }, { channel, address, app: null });
      changed.add(id);
    } catch (error) {
      // another caller removed the address or the user meanwhile
      if (!(error instanceof CarillonError) || error.code !== "NOT_FOUND") throw error;
    }
  };
  for (const channel of addressChannels)
    for (const address of spellings)
      for await (const ids of usersWith(directory, tenant, channel, address))
        for (let from = 0; from < ids.length; from += mostAtOnce)
          await Promise.all(ids.slice(from, from + mostAtOnce).map((id) => remove(id, channel, address)));
  return [...changed];
};
