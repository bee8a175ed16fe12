import { access, constants } from "node:fs/promises";
import type { Config } from "../../config/schema.js";
import { maskOf } from "../../config/secrets.js";
import { allProviders } from "../../sinks/providers/providers.js";
import { systemClock } from "../../stores/clock.js";
import { makePrivateFolder } from "../../stores/private-files.js";
import type { Stores } from "../../stores/stores.js";
import type { DeliveryParts } from "../delivery-parts.js";
import { lookAtFolder } from "./diagnose-folder.js";
import { lookAtStores } from "./diagnose-stores.js";
import { lookAtTopics } from "./diagnose-topics.js";
import { type Diagnosis, look } from "./diagnosis.js";

const closeWithinMs = 5_000;

/** Opens the stores and assembles delivery on them. */
export interface Opening {
  open(config: Config): Promise<Stores>;
  assemble(config: Config, stores: Stores): Promise<DeliveryParts>;
}

/** Checks everything that the configuration names, concurrently. The results contain no secret. */
export const diagnose = async (config: Config, opening: Opening): Promise<readonly Diagnosis[]> => {
  const mask = maskOf(config);
  const diagnoses = await lookAtAll(config, opening);
  return diagnoses.map(({ found, fix, ...rest }) => ({ ...rest, found: mask(found), fix: fix === undefined ? undefined : mask(fix) }));
};

const lookAtAll = async (config: Config, { open, assemble }: Opening): Promise<readonly Diagnosis[]> => {
  const own = [
    look("Node", async () => process.versions.node, "install Node 20.19 or later"),
    look(
      "data folder",
      async () => {
        makePrivateFolder(config.dataDir);
        await access(config.dataDir, constants.W_OK);
        return config.dataDir;
      },
      "set CARILLON_DATA_DIR to a writable folder",
    ),
    ...(config.profile === "embedded" ? lookAtFolder(config) : []),
  ];
  // a damaged store must not be opened
  const first = await Promise.all(own);
  if (first.some(({ ok }) => !ok)) return first;
  const stores = await open(config);
  // a diagnosis changes nothing: only a start registers schemas
  const registry = { ...stores.registry, register: async (): Promise<number> => 1 };
  const assembling = assemble(config, { ...stores, registry });
  assembling.catch(() => undefined); // reported by its consumer
  try {
    const [servers, topics] = await Promise.all([
      Promise.all(lookAtStores(config, stores, assembling)),
      lookAtTopics(config, stores.log, assembling),
    ]);
    const diagnoses = [...first, ...servers, ...topics];
    // a wrong topic setting does not prevent the check of providers
    if (servers.some(({ ok }) => !ok)) return diagnoses;
    const providers = allProviders((await assembling).providers);
    const ways = await Promise.all(
      providers.map((provider) =>
        look(
          `${provider.channel} by ${provider.name}`,
          () => provider.healthCheck(),
          `see providers.${provider.name} in the configuration`,
        ),
      ),
    );
    await Promise.all(providers.map((provider) => provider.close()));
    return [...diagnoses, ...ways];
  } finally {
    const closed = new AbortController();
    const closing = stores.close().finally(() => closed.abort());
    await Promise.race([closing, systemClock.sleep(closeWithinMs, closed.signal)]);
  }
};
