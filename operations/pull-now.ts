import type { Config } from "../config/schema.js";
import { CarillonError } from "../schemas/errors.js";
import type { Channel } from "../schemas/generated.js";
import { allProviders } from "../sinks/providers/providers.js";
import { pullReceipts } from "../sources/pull-receipts.js";
import type { Clock } from "../stores/clock.js";
import type { Stores } from "../stores/stores.js";
import type { DeliveryParts } from "./delivery-parts.js";
import type { Watch } from "./watch.js";

/** The result of a pull of one provider's receipts on one channel. */
export interface Pulled {
  readonly channel: Channel;
  /** Number of messages in the queries. */
  readonly asked: number;
  /** Number of receipts in the answers. */
  readonly reported: number;
}

interface Tools {
  readonly config: Config;
  readonly stores: Pick<Stores, "lineage" | "cells">;
  readonly assembly: Pick<DeliveryParts, "providers" | "tools">;
  readonly clock: Clock;
}

/** Queries a provider now for missing receipts. Rejects NOT_FOUND for a provider that is not in use, or that cannot be queried. */
export const pullNow = async (name: string, { config, stores, assembly, clock }: Tools, watch: Watch): Promise<readonly Pulled[]> => {
  const asked = allProviders(assembly.providers).filter((provider) => provider.name === name && provider.pull);
  if (asked.length === 0)
    throw new CarillonError("NOT_FOUND", `${name} is not in use, or offers no receipts to pull`, { fix: "see carillon providers" });
  const { lineage, cells } = stores;
  const { answered } = assembly.tools;
  const afterMs = config.providers[name]?.pull.afterMs ?? 0;
  const pulled: Pulled[] = [];
  for (const provider of asked) {
    const onProgress = (_: unknown, made: { readonly asked: number }): void => watch.progress(made.asked);
    const dependencies = { lineage, cells, clock, answered, onProgress };
    const { asked: count, reported } = await pullReceipts(provider, afterMs, dependencies, watch.signal);
    pulled.push({ channel: provider.channel, asked: count, reported });
  }
  return pulled;
};
