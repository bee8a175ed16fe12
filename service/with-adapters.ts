import type { Stores } from "../stores/stores.js";

/** Adapters of ports, by the names that `Stores` has for them. */
export type StoreAdapters = Partial<Omit<Stores, "close" | "settings" | "room" | "keys">>;

/** Replaces opened adapters by the given ones. A given one may wrap an opened one, so both are closed. */
export type Adapters = (opened: Stores) => StoreAdapters;

/** The stores with others in the place of some. Records are encrypted before they reach either. */
export const withAdapters = (opened: Stores, adapters: Adapters | undefined): Stores => {
  if (!adapters) return opened;
  const given = adapters(opened);
  const { log, jobs, timers, claims, buckets, cells, cache, lineage, registry, directory, subscriptions, tenants, audit } = given;
  let closing: Promise<void> | undefined;
  const closeAll = async (): Promise<void> => {
    // the log first: what is in flight still needs the others
    await Promise.all([log?.close(), jobs?.close()]);
    const others = [timers, claims, buckets, cells, cache, lineage, registry, directory, subscriptions, tenants, audit];
    await Promise.all(others.map((one) => one?.close()));
    await opened.close();
  };
  return {
    ...opened,
    ...given,
    close: () => {
      closing ??= closeAll();
      return closing;
    },
  };
};
