import type { Config } from "../config/schema.js";
import { laterSteps } from "../processors/fallback.js";
import type { Clock } from "../stores/clock.js";
import { keys } from "../stores/keys.js";
import { type MessageDocument, messageCollections } from "../stores/lineage-store/lineage-store.js";
import type { Stores } from "../stores/stores.js";
import type { DeliveryParts } from "./delivery-parts.js";

interface Tools {
  readonly config: Pick<Config, "delivery">;
  readonly stores: Pick<Stores, "claims" | "timers" | "cache" | "lineage">;
  readonly assembly: Pick<DeliveryParts, "codecs" | "families">;
  readonly clock: Pick<Clock, "now">;
}

/** The longest time of one step. */
const mostAfterMs = 7 * 86_400_000;

const pageSize = 500;

/** Ends the plans of steps that messages belong to, after an erasure: no further step is sent, and what was kept of their messages is removed. */
export const endPlans = async (documents: readonly MessageDocument[], tools: Tools): Promise<void> => {
  const { claims, timers, cache } = tools.stores;
  const keepMs = laterSteps.length * mostAfterMs + tools.config.delivery.stateRetentionMs;
  const codec = tools.assembly.codecs.of(tools.assembly.families.fallbacks);
  const plans = documents.flatMap(({ tenant, recipientId }) => (recipientId === undefined ? [] : { tenant, recipientId }));
  for (const plan of new Map(plans.map((one) => [keys.cache.plan(one), one])).values()) {
    // first the decisions: a plan that is still queued is not kept then
    await claims.decideAll(laterSteps.map((step) => ({ key: keys.claims.fallbackStep(plan, step), value: "met:erased", ttlMs: keepMs })));
    await timers.cancel(laterSteps.map((step) => keys.timers.fallback(plan, step)));
    const kept = await cache.get(keys.cache.plan(plan));
    if (!kept) continue;
    const event = await codec.decode(kept);
    await cache.put(keys.cache.plan(plan), codec.encode({ ...event, user: null, steps: [] }), keepMs);
  }
};

/** Ends the plans of a user's messages. */
export const endPlansOf = async ({ tenant, id: user }: { readonly tenant: string; readonly id: string }, tools: Tools): Promise<void> => {
  const { lineage } = tools.stores;
  const since = new Date(tools.clock.now() - laterSteps.length * mostAfterMs - tools.config.delivery.stateRetentionMs);
  for (const collection of messageCollections) {
    for (let after = ""; ; ) {
      const filter = { tenant, user, acceptedAt: { $gte: since }, _id: { $gt: after } };
      const page = await lineage.query(collection, filter, { sort: { _id: 1 }, limit: pageSize });
      await endPlans(page, tools);
      if (page.length < pageSize) break;
      after = page.at(-1)?._id ?? "";
    }
  }
};
