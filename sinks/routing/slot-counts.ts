/** Counts one provider's calls in flight, in one thread or in all threads of a process. */
export interface SlotCounts {
  /** Total over all threads. */
  readonly taken: number;
  /** Whether the total allows one more call from this thread. */
  hasRoom(most: number): boolean;
  /** Counts one more call of the tenant, unless the total or the tenant is at its limit. */
  enter(tenant: string, most: number, mostOfTenant: number): boolean;
  leave(tenant: string): void;
  /** Registers this thread as waiting for capacity. Returns a function that ends the wait. */
  wait(): () => void;
  /** Whether free capacity belongs to another waiting thread. */
  readonly isOthersTurn: boolean;
}

/** Calls of each tenant, counted by name. */
export const countTenants = () => {
  const byTenant = new Map<string, number>();
  return {
    enter: (tenant: string, most: number): boolean => {
      const own = byTenant.get(tenant) ?? 0;
      if (own >= most) return false;
      byTenant.set(tenant, own + 1);
      return true;
    },
    leave: (tenant: string): void => {
      const left = (byTenant.get(tenant) ?? 0) - 1;
      if (left > 0) byTenant.set(tenant, left);
      else byTenant.delete(tenant);
    },
  };
};

/** The counts of a single-threaded process. */
export const createLocalCounts = (): SlotCounts => {
  const tenants = countTenants();
  let taken = 0;
  return {
    get taken() {
      return taken;
    },
    hasRoom: (most) => taken < most,
    enter: (tenant, most, mostOfTenant) => {
      if (taken >= most || !tenants.enter(tenant, mostOfTenant)) return false;
      taken += 1;
      return true;
    },
    leave: (tenant) => {
      taken -= 1;
      tenants.leave(tenant);
    },
    wait: () => () => undefined,
    isOthersTurn: false,
  };
};
