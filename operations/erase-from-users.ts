import type { Config } from "../config/schema.js";
import { eraseAddress } from "../directory/erase-address.js";
import { directoryBounds, type UserKey } from "../stores/directory/directory.js";
import { isStorableId } from "../stores/id-keys.js";
import type { Stores } from "../stores/stores.js";
import { allTenants } from "./all-tenants.js";

interface Tools {
  readonly config: Config;
  readonly stores: Pick<Stores, "directory" | "tenants">;
}

/**
 * Removes an address, in all its spellings, from the users of a tenant, or of all tenants. The users themselves stay. Resolves with the
 * users that had it.
 */
export const eraseFromUsers = async (
  spellings: readonly string[],
  tenant: string | undefined,
  tools: Tools,
): Promise<readonly UserKey[]> => {
  // no user has a longer address, and no tenant another id
  const possible = spellings.filter((spelling) => Buffer.byteLength(spelling) <= directoryBounds.addressBytes);
  const tenants = tenant === undefined ? await allTenants(tools) : [tenant].filter((id) => isStorableId("tenant", id));
  const users: UserKey[] = [];
  for (const one of tenants) {
    const ids = await eraseAddress(tools.stores.directory, one, possible);
    users.push(...ids.map((id) => ({ tenant: one, id })));
  }
  return users;
};
