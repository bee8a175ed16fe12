import type { Config } from "../config/schema.js";
import type { Clock } from "../stores/clock.js";
import { openClusterStores } from "./cluster-stores.js";
import { openEmbeddedStores } from "./embedded-stores.js";
import type { Stores } from "./stores.js";

/** The stores of the configured profile: what runs on them is the same. */
export const openStores = (config: Config, clock: Clock, onTrouble: (where: string, error: unknown) => void): Promise<Stores> =>
  config.profile === "embedded"
    ? Promise.resolve(openEmbeddedStores(config.dataDir, clock, onTrouble))
    : openClusterStores(config, onTrouble);
