import { z } from "zod";
import type { TopologyDescription } from "../../engine/describe.js";
import type { List } from "../../http/contract/list.js";
import type { QueueState } from "../../operations/lag/queue-states.js";
import type { MeasuredPlan } from "../../operations/load/measure-plan.js";
import type { ProviderState } from "../../operations/provider-states.js";
import type { Pulled } from "../../operations/pull-now.js";
import type { WebhookView } from "../../operations/webhook-desk.js";
import type { Providers, Queues, TenantWebhooks } from "../deployment/deployment.js";
import type { Connection } from "./connection.js";

const rows = z.array(z.looseObject({}));
const queuesShape = z.looseObject({ items: z.array(z.looseObject({ topic: z.string(), lag: z.number(), oldestMs: z.looseObject({}) })) });
const planShape = z.looseObject({ workers: z.number(), plans: rows });
const aboutShape = z.looseObject({ topologies: rows });
const providersShape = z.looseObject({ items: z.array(z.looseObject({ name: z.string(), channel: z.string() })) });
const pulledShape = z.looseObject({ pulled: z.array(z.looseObject({ channel: z.string(), asked: z.number(), reported: z.number() })) });
const webhooksShape = z.looseObject({ items: z.array(z.looseObject({ tenant: z.string(), host: z.string() })) });
const replayedShape = z.looseObject({ replayed: z.number().nullable() });

export const remoteQueues = (connection: Connection): Queues => ({
  states: async () => (await connection.ask<List<QueueState>>({ path: "/v1/queues" }, queuesShape)).items,
  plan: ({ targetAgeMs, peak, forMs }, onProgress) => {
    const query = { targetAgeMs: String(Math.round(targetAgeMs)), peak: String(peak), forMs: String(Math.round(forMs)) };
    return connection.work<MeasuredPlan>({ path: "/v1/queues/plan", query }, planShape, onProgress);
  },
  topologies: async () =>
    (await connection.ask<{ topologies: TopologyDescription[] }>({ path: "/console/api/about" }, aboutShape)).topologies,
});

export const remoteProviders = (connection: Connection): Providers => ({
  states: async () => (await connection.ask<List<ProviderState>>({ path: "/v1/providers" }, providersShape)).items,
  pull: async (name, onProgress) => {
    const question = { method: "POST", path: "/v1/providers/pull", body: { name } } as const;
    return (await connection.work<{ pulled: Pulled[] }>(question, pulledShape, onProgress)).pulled;
  },
});

export const remoteWebhooks = (connection: Connection): TenantWebhooks => ({
  list: async () => (await connection.ask<List<WebhookView>>({ path: "/v1/webhooks" }, webhooksShape)).items,
  enable: async ({ tenant, replayFromMs }, onProgress) => {
    const body = { tenant, ...(replayFromMs === undefined ? {} : { replayFrom: new Date(replayFromMs).toISOString() }) };
    const question = { method: "POST", path: "/v1/webhooks/enable", body } as const;
    return (await connection.work<{ replayed: number | null }>(question, replayedShape, onProgress)).replayed;
  },
});
