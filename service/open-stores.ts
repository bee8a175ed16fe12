import type { Config } from "../config/schema.js";
import { checkStore } from "../operations/doctor/check-store.js";
import type { Clock } from "../stores/clock.js";
import type { Stores } from "../stores/stores.js";
import { withKeys } from "./with-keys.js";

/** Only the profile's libraries are loaded. */
const openPlain = async (config: Config, clock: Clock, onTrouble: (where: string, error: unknown) => void): Promise<Stores> => {
  if (config.profile === "cluster") {
    const { openClusterStores } = await import("./cluster-stores.js");
    return openClusterStores(config, onTrouble);
  }
  const { openEmbeddedStores } = await import("./embedded-stores.js");
  await checkStore(config);
  return openEmbeddedStores(config, clock, onTrouble);
};

/** The stores of the configured profile: what runs on them is the same. Private parts are encrypted where keys are configured. */
export const openStores = async (config: Config, clock: Clock, onTrouble: (where: string, error: unknown) => void): Promise<Stores> => {
  return withKeys(await openPlain(config, clock, onTrouble), config, clock.now);
};
