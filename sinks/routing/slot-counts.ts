/** Counts the calls in flight of one provider: of one thread, or of all threads of a process. */
export interface SlotCounts {
  /** In all threads. */
  readonly taken: number;
  /** Whether the total leaves room for one more call of this thread. */
  hasRoom(most: number): boolean;
  /** Counts one more call of the tenant, unless there is no room or the tenant has as many as it may. */
  enter(tenant: string, most: number, mostOfTenant: number): boolean;
  leave(tenant: string): void;
  /** This thread waits for room; returns what ends that. */
  wait(): () => void;
  /** Whether room that came free belongs to a thread that waits, other than this one. */
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

/** The counts of a process that has one thread. */
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
