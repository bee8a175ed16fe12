import { randomBytes } from "node:crypto";
import type { TenantReader } from "../access/tenant-reader.js";
import { createTenantRules, noTenantRules } from "../access/tenant-rules.js";
import type { Config } from "../config/schema.js";
import { maskOf } from "../config/secrets.js";
import type { Topology } from "../engine/builder.js";
import type { Origin } from "../engine/diagnostics.js";
import { checkGraphs, familiesOf, topicSpecsOf } from "../engine/graphs.js";
import { registerCodecs } from "../engine/runtime/codecs.js";
import type { DeliveryParts } from "../operations/delivery-parts.js";
import { createDispatch } from "../processors/dispatch.js";
import { createEgress } from "../processors/egress.js";
import { createEnrich } from "../processors/enrich.js";
import { createFallback } from "../processors/fallback.js";
import { createFeedback } from "../processors/feedback.js";
import { createIngress } from "../processors/ingress.js";
import { createTemplateRenderer } from "../processors/render-template.js";
import { createResponseHandle } from "../processors/response-handle.js";
import { createRetry } from "../processors/retry.js";
import { createRoute } from "../processors/route.js";
import { createValidate } from "../processors/validate.js";
import { createAnnounce, createWebhook, type Webhooks } from "../processors/webhook.js";
import { createProviders } from "../sinks/create-providers.js";
import { createLineageSink } from "../sinks/lineage-sink.js";
import { createOutbox, type Outbox } from "../sinks/outbox.js";
import { createOwnRouting } from "../sinks/own/create-own-routing.js";
import { createOwnCatalog } from "../sinks/own/own-catalog.js";
import { confirmsArrivalOf } from "../sinks/providers/confirms-arrival.js";
import type { ProviderTools } from "../sinks/providers/definition.js";
import { createDetachedCalls, type DetachedCalls } from "../sinks/providers/detached-calls.js";
import { allProviders, type Providers } from "../sinks/providers/providers.js";
import { createRouting, type RoutingThreads } from "../sinks/routing/routing.js";
import { routingPolicyOf } from "../sinks/routing/routing-policy.js";
import { ofOwnWebhooks } from "../sinks/webhooks/address-guard.js";
import { createPoster, type Poster } from "../sinks/webhooks/post.js";
import { createWebhookTable } from "../sinks/webhooks/webhook-table.js";
import { createWebhooks } from "../sinks/webhooks/webhooks.js";
import type { Clock } from "../stores/clock.js";
import { createTenantSecrets } from "../stores/sealed/tenant-secrets.js";
import type { Stores } from "../stores/stores.js";
import { deliveryTopology } from "../topology/delivery.js";
import { deliveryFamilies } from "../topology/delivery-families.js";
import { policyOf } from "../topology/delivery-policy.js";
import { deliveryShapeOf } from "../topology/delivery-shape.js";
import { createDeliveryWriters, deliveryWriters } from "../topology/delivery-writers.js";
import { ingressTenantsOf } from "../topology/ingress-tenants.js";
import { namesOf } from "../topology/names.js";
import { intakeOf, toolsOf } from "./provider-tools.js";

/** The delivery topology with all dependencies of its stages. */
export interface Assembly extends DeliveryParts {
  /** The dependencies of the providers. */
  readonly tools: ProviderTools;
  readonly detachedCalls: DetachedCalls;
  /** The origin of these events. */
  readonly origin: Origin;
  /** Call after the last call of a provider. */
  closeProviders(): Promise<void>;
}

export interface AssembleOptions {
  /** Graphs that run in the process alongside delivery. */
  readonly graphs?: readonly Topology[];
  /** Replaces the configured providers. */
  readonly providers?: (configured: Providers) => Providers;
  readonly outbox?: Outbox;
  /** The HTTP client that posts webhooks. */
  readonly poster?: Poster;
  /** The origin of these events; default: a new one. */
  readonly origin?: Origin;
  /** Differs for each run of a process; default: random. */
  readonly run?: string;
  /** The other threads of the process, if any. */
  readonly threads?: RoutingThreads;
  /** The tenants, whose own rules, routes and providers apply to their messages. */
  readonly tenants?: Pick<TenantReader, "peek" | "latest" | "lastKnown">;
}

/** The webhooks of the configuration and of tenants' own, each with the addresses that it may call. */
const webhooksOf = (config: Config, { cells, keys }: Stores, clock: Clock, { poster, tenants }: AssembleOptions): Webhooks =>
  createWebhooks({
    table: createWebhookTable(config.webhooks.tenants, tenants, createTenantSecrets(keys)),
    policy: config.webhooks,
    poster: poster ?? createPoster(config.webhooks.allowAddresses),
    ownPoster: poster ?? createPoster(config.tenants.allowAddresses, undefined, ofOwnWebhooks),
    ...{ cells, clock, mask: maskOf(config) },
  });

/** Registers the schemas and assembles the stages. Nothing runs yet. */
export const assemble = async (config: Config, stores: Stores, clock: Clock, options: AssembleOptions = {}): Promise<Assembly> => {
  const { topicOf } = namesOf(config);
  const { origin = { instance: config.instance }, run = randomBytes(6).toString("base64url") } = options;
  const shape = deliveryShapeOf(config);
  const families = deliveryFamilies(shape);
  const others = options.graphs ?? [];
  // incompatible graphs are refused before anything is registered
  checkGraphs([{ name: "delivery", families: Object.values(families), subTopologies: [] }, ...others]);
  const codecs = await registerCodecs(
    [...new Set([...Object.values(families), ...familiesOf(others)])],
    stores.registry,
    topicOf,
    stores.keys,
  );
  const writers = createDeliveryWriters(deliveryWriters(families, shape), { codecs, topicOf, log: stores.log });
  const { room } = stores;
  const outbox = options.outbox ?? createOutbox(config.dataDir, (error) => room?.failed("writing the outbox", error) ?? error);
  const intake = intakeOf(config, families, writers, clock, origin);
  const tools = toolsOf(config, stores, families, writers, outbox, clock, origin, intake);
  const ownCatalog = options.tenants && createOwnCatalog(options.tenants, createTenantSecrets(stores.keys), maskOf(config));
  const ownRouting = ownCatalog && createOwnRouting(ownCatalog, config, tools);
  const configured = await createProviders(config, tools);
  const providers = options.providers?.(configured) ?? configured;
  const policy = policyOf(config);
  const rulesOf = options.tenants ? createTenantRules(options.tenants) : noTenantRules;
  const codec = codecs.of(families.dispatch);
  const { claims, cache, buckets, cells } = stores;
  const { instance } = config;
  const detachedCalls = createDetachedCalls({
    timers: stores.timers,
    clock,
    outlet: writers("slow call").to(families.dispatch),
    origin,
  });
  const routing = createRouting({
    ...{ policy: routingPolicyOf(config), providers, buckets, cells, clock, instance, origin },
    ...{ threads: options.threads, own: ownRouting?.ways },
  });
  const closeProviders = async (): Promise<void> => {
    await Promise.all([...allProviders(providers).map((provider) => provider.close()), ownRouting?.close()]);
  };
  const webhooks = webhooksOf(config, stores, clock, options);
  const topology = deliveryTopology(families, shape, {
    validate: createValidate({ claims, policy, rulesOf }),
    enrich: createEnrich({ claims, policy, rulesOf, templates: createTemplateRenderer(config.templates) }),
    route: createRoute({ buckets, criticalQuota: policy.criticalQuota, rulesOf }),
    dispatch: createDispatch({ claims, cache, codec, routing, policy, detachedWork: detachedCalls, run }),
    responseHandle: createResponseHandle({ claims, cache, codec, policy, routing }),
    retry: createRetry({ policy, routing, confirmsArrival: confirmsArrivalOf(config) }),
    feedback: createFeedback({ claims, cache, codec, policy }),
    fallback: createFallback({ claims, cache, codec: codecs.of(families.fallbacks), policy }),
    ...(shape.hasWebhooks
      ? { webhookStages: { announce: createAnnounce(webhooks), webhook: createWebhook(webhooks, config.webhooks) } }
      : {}),
    ...(shape.tenantTopics.tenants.length > 0
      ? { tenantStages: { ingress: createIngress(ingressTenantsOf(config)), egress: createEgress(shape.tenantTopics.tenants) } }
      : {}),
    lineageStore: createLineageSink(stores.lineage),
  });
  const graphs = [topology, ...others];
  checkGraphs(graphs);
  const topics = topicSpecsOf(graphs, topicOf, config.topics.retentionMs);
  return {
    ...{ families, graphs, codecs, writers, providers, tools, intake, detachedCalls, routing, outbox, topics, origin },
    ...{ ownCatalog, closeProviders },
  };
};
