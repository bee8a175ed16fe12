import type { Config } from "../../config/schema.js";
import type { DeadLetters } from "../../operations/dead-letters/dead-letters.js";
import { deadLettersOf } from "../../operations/dead-letters/delivery-letters.js";
import type { Watch } from "../../operations/watch.js";
import { type Assembly, assemble } from "../../service/assemble.js";
import { openStores } from "../../service/open-stores.js";
import { callbacksOf } from "../../sources/callbacks.js";
import { systemClock } from "../../stores/clock.js";
import type { Stores } from "../../stores/stores.js";

/** The topology on its stores. */
export interface Opened {
  readonly stores: Stores;
  readonly assembly: Assembly;
}

/** Stores of the configured profile, shared with running processes. Each part is opened at first use. */
export interface LocalStores {
  readonly config: Config;
  stores(): Promise<Stores>;
  /** The stores with the topology assembled on them. */
  opened(): Promise<Opened>;
  /** The same with every topic created. */
  prepared(): Promise<Opened>;
  letters(): Promise<DeadLetters>;
  close(): Promise<void>;
}

export const openLocally = (config: Config): LocalStores => {
  let stores: Promise<Stores> | undefined;
  let opened: Promise<Opened> | undefined;
  let prepared: Promise<Opened> | undefined;
  const open = (): Promise<Stores> => {
    stores ??= openStores(config, systemClock, () => undefined);
    return stores;
  };
  const put = async (): Promise<Opened> => {
    const found = await open();
    return { stores: found, assembly: await assemble(config, found, systemClock) };
  };
  const prepare = async (): Promise<Opened> => {
    const parts = await local.opened();
    await parts.stores.log.ensureTopics(parts.assembly.topics);
    return parts;
  };
  const local: LocalStores = {
    config,
    stores: open,
    opened: () => {
      opened ??= put();
      return opened;
    },
    prepared: () => {
      prepared ??= prepare();
      return prepared;
    },
    letters: async () => {
      const parts = await local.prepared();
      return deadLettersOf(config, parts.stores, parts.assembly, callbacksOf(config, parts.assembly), systemClock);
    },
    close: async () => {
      // stores that could not be opened have been reported already
      const found = await stores?.catch(() => undefined);
      await found?.close();
    },
  };
  return local;
};

/** Only ending its process cancels a local command. */
export const stays: Watch["signal"] = new AbortController().signal;
