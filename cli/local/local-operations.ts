import { describeTopology } from "../../engine/describe.js";
import { queueStates } from "../../operations/lag/queue-states.js";
import { measurePlan } from "../../operations/load/measure-plan.js";
import { providerStates } from "../../operations/provider-states.js";
import { pullNow } from "../../operations/pull-now.js";
import { enableTenantWebhook, webhookViews } from "../../operations/webhook-desk.js";
import { assemble } from "../../service/assemble.js";
import { createMemoryStores } from "../../service/memory-stores.js";
import { systemClock } from "../../stores/clock.js";
import type { Providers, Queues, TenantWebhooks } from "../deployment/deployment.js";
import { type LocalStores, stays } from "./opened.js";

export const localQueues = (local: LocalStores): Queues => {
  const { config } = local;
  return {
    states: async () => {
      const { stores, assembly } = await local.opened();
      return queueStates(config, assembly, stores);
    },
    plan: async (question, progress) => {
      const { stores, assembly } = await local.prepared();
      return measurePlan({ config, stores, assembly, clock: systemClock }, question, { progress, signal: stays });
    },
    // connects to nothing
    topologies: async () => (await assemble(config, createMemoryStores(systemClock), systemClock)).graphs.map(describeTopology),
  };
};

export const localProviders = (local: LocalStores): Providers => {
  const { config } = local;
  return {
    states: async () => providerStates(config, (await local.stores()).cells),
    pull: async (name, progress) => {
      const { stores, assembly } = await local.opened();
      return pullNow(name, { config, stores, assembly, clock: systemClock }, { progress, signal: stays });
    },
  };
};

export const localWebhooks = (local: LocalStores): TenantWebhooks => {
  const { config } = local;
  return {
    list: async () => webhookViews(config, await local.stores()),
    enable: async (question, progress) => {
      const { stores, assembly } = await local.prepared();
      return enableTenantWebhook({ config, stores, assembly, clock: systemClock }, question, { progress, signal: stays });
    },
  };
};
