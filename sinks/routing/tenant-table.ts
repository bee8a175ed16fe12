import { countTenants } from "./slot-counts.js";

const entries = 8_192;
/** A tenant's entry is at most this many places after the one for its hash. */
const within = 64;
/** Two words of hash, for provider and tenant, and the count. */
const words = 3;

/** Size in bytes of the table of all tenants with calls in flight. */
export const tenantTableBytes = entries * words * 4;

/** FNV-1a. Source: draft-eastlake-fnv, 32-bit. */
const hashOf = (text: string, basis: number): number => {
  let hash = basis;
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return hash;
};

/**
 * One provider's calls in flight by tenant, in a table of fixed size that all threads share and access one at a time. A tenant is
 * identified by its 64-bit hash. If a tenant finds no place, each thread counts it separately.
 */
export const createTenantTable = (table: Int32Array, provider: number) => {
  const unplaced = countTenants();
  /** The place of the count; undefined if the table has none. */
  const placeOf = (tenant: string, makes: boolean): number | undefined => {
    const text = `${provider}:${tenant}`;
    const [one, other] = [hashOf(text, 0x811c9dc5 | 0), hashOf(text, 0x5bd1e995)];
    let free: number | undefined;
    for (let step = 0; step < within; step += 1) {
      const at = (((one >>> 0) + step) % entries) * words;
      const count = table[at + 2] ?? 0;
      if (count > 0 && table[at] === one && table[at + 1] === other) return at + 2;
      if (count === 0) free ??= at;
    }
    if (free === undefined || !makes) return undefined;
    table[free] = one;
    table[free + 1] = other;
    return free + 2;
  };
  return {
    enter: (tenant: string, most: number): boolean => {
      const place = placeOf(tenant, true);
      if (place === undefined) return unplaced.enter(tenant, most);
      const count = table[place] ?? 0;
      if (count >= most) return false;
      table[place] = count + 1;
      return true;
    },
    leave: (tenant: string): void => {
      const place = placeOf(tenant, false);
      if (place === undefined) unplaced.leave(tenant);
      else table[place] = Math.max(0, (table[place] ?? 0) - 1);
    },
  };
};
