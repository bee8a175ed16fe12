import type { Config } from "../config/schema.js";
import { checkStore } from "../operations/doctor/check-store.js";
import type { Clock } from "../stores/clock.js";
import type { Stores } from "../stores/stores.js";
import type { StoreThreads } from "./embedded-stores.js";
import { type Adapters, withAdapters } from "./with-adapters.js";
import { withKeys } from "./with-keys.js";

type OnTrouble = (where: string, error: unknown) => void;

/** Loads only the profile's libraries. */
const openPlain = async (config: Config, clock: Clock, onTrouble: OnTrouble, threads: StoreThreads | undefined): Promise<Stores> => {
  if (config.profile === "cluster") {
    const { openClusterStores } = await import("./cluster-stores.js");
    return openClusterStores(config, onTrouble);
  }
  const { openEmbeddedStores } = await import("./embedded-stores.js");
  // the first thread has checked it for all threads
  if (!threads?.buckets) await checkStore(config);
  return openEmbeddedStores(config, clock, onTrouble, threads);
};

/**
 * The stores of the configured profile, with the same ports in each. `adapters` replace some of them. Encrypts private parts if keys are
 * configured.
 */
export const openStores = async (
  config: Config,
  clock: Clock,
  onTrouble: OnTrouble,
  { threads, adapters }: { readonly threads?: StoreThreads | undefined; readonly adapters?: Adapters | undefined } = {},
): Promise<Stores> => withKeys(withAdapters(await openPlain(config, clock, onTrouble, threads), adapters), config, clock.now);
