import { configuredKeysOf, configuredTenantsOf, seedTenants } from "../access/configured-tenants.js";
import { createKeyCheck, createStoredKeyCheck } from "../access/key-check.js";
import { createKeySets } from "../access/key-sets.js";
import { createKeyUse } from "../access/key-use.js";
import { createTenantLimits } from "../access/limits/tenant-limits.js";
import type { RunningAccess } from "../access/running-access.js";
import { createTenantReader } from "../access/tenant-reader.js";
import { createTokenCheck } from "../access/user-tokens.js";
import type { Config } from "../config/schema.js";
import type { ProcessMetrics } from "../operations/telemetry/process-metrics.js";
import { watchTenants } from "../operations/tenant-watch.js";
import { createJsonReader } from "../sinks/webhooks/read-json.js";
import type { Clock } from "../stores/clock.js";
import { endedWithin } from "../stores/deadline.js";
import type { Stores } from "../stores/stores.js";

export interface StartedAccess extends RunningAccess {
  stop(): Promise<void>;
}

export interface AccessDependencies {
  readonly config: Config;
  readonly stores: Pick<Stores, "tenants" | "cells" | "buckets">;
  readonly clock: Clock;
  readonly metrics: ProcessMetrics;
  readonly onTrouble: (where: string, error: unknown) => void;
}

const seedAgainMs = 30_000;
/** A stop does not wait longer for a store that does not answer. */
const endMs = 1_000;

/** Creates the tenants of the configuration, and tries again while the store is away. Returns a function that ends this. */
const startSeeding = ({ config, stores, clock, onTrouble }: AccessDependencies, onSeeded: () => Promise<void>): (() => Promise<void>) => {
  const ids = configuredTenantsOf(config);
  let cancel: () => void = () => undefined;
  let ended = false;
  const seed = async (): Promise<void> => {
    try {
      if ((await seedTenants(stores.tenants, ids)).length > 0) await onSeeded();
    } catch (error) {
      if (ended) return;
      onTrouble("tenants", error);
      cancel = clock.after(seedAgainMs, () => {
        seeding = seed();
      });
    }
  };
  let seeding = seed();
  return async () => {
    ended = true;
    cancel();
    await endedWithin(endMs, seeding);
  };
};

/** Starts to keep the tenants in memory. Servers may be away: the process then knows the keys of its configuration. */
export const startAccess = (dependencies: AccessDependencies): StartedAccess => {
  const { config, stores, clock, metrics, onTrouble } = dependencies;
  const trouble = (error: unknown): void => onTrouble("tenants", error);
  const tenants = createTenantReader({ tenants: stores.tenants, clock, onTrouble: trouble });
  const endSeeding = startSeeding(dependencies, tenants.refresh);
  const endWatch = watchTenants(tenants, metrics, clock);
  const keyUse = createKeyUse(stores.cells, clock, trouble);
  const now = (): Date => new Date(clock.now());
  const checkKey = createKeyCheck({ configured: configuredKeysOf(config), reader: tenants, now, onUse: keyUse.used });
  const keySets = createJsonReader(config.tenants.allowAddresses);
  const keySet = createKeySets({ read: keySets.read, clock });
  return {
    tenants,
    keyUse,
    limits: createTenantLimits({ known: (id) => tenants.latest().tenants.get(id), buckets: stores.buckets, cells: stores.cells, clock }),
    checkKey,
    checkToken: createTokenCheck({ reader: tenants, now, keySet }),
    checkStoredKey: createStoredKeyCheck({ reader: tenants, now }),
    stop: async () => {
      endWatch();
      keySets.close();
      await Promise.all([tenants.close(), endSeeding()]);
    },
  };
};
