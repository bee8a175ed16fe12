import type { Config } from "../config/schema.js";
import { createDispatch } from "../processors/dispatch.js";
import { createEnrich } from "../processors/enrich.js";
import { createFeedback } from "../processors/feedback.js";
import { createTemplateRenderer } from "../processors/render-template.js";
import { createResponseHandle } from "../processors/response-handle.js";
import { createRetry } from "../processors/retry.js";
import { createRoute } from "../processors/route.js";
import { createValidate } from "../processors/validate.js";
import { createLineageSink } from "../sinks/lineage-sink.js";
import { createOutbox, type Outbox } from "../sinks/outbox.js";
import type { Clock } from "../stores/clock.js";
import type { TopicSpec } from "../stores/event-log/event-log.js";
import type { Topology } from "../topology/builder.js";
import { type DeliveryFamilies, deliveryFamilies, deliveryTopology } from "../topology/delivery.js";
import { type Codecs, registerCodecs } from "../topology/runtime/codecs.js";
import { outgoingOf } from "../topology/runtime/outgoing.js";
import { namesOf } from "./names.js";
import { policyOf } from "./policy.js";
import { createProviders, type Providers } from "./providers.js";
import type { Stores } from "./stores.js";

/** The delivery topology with everything that its stages depend on. */
export interface Assembly {
  readonly families: DeliveryFamilies;
  readonly topology: Topology;
  readonly codecs: Codecs;
  readonly providers: Providers;
  readonly outbox: Outbox;
  readonly topics: readonly TopicSpec[];
}

export interface AssembleOptions {
  /** Instead of the configured ones. */
  readonly providers?: (sandbox: Providers) => Providers;
  readonly outbox?: Outbox;
}

/** A dead letter holds the largest record that a topic takes (1 MB), and what is said about it. */
const deadLetterBytes = 2 * 1_048_576;

const topicSpecs = (families: DeliveryFamilies, config: Config): TopicSpec[] =>
  Object.values(families).flatMap((family) =>
    family.members.map(({ name, partitions }) => ({
      topic: namesOf(config).topicOf(name),
      partitions,
      ...(family === families.deadLetters
        ? { retentionMs: config.topics.deadLetterRetentionMs, maxRecordBytes: deadLetterBytes }
        : { retentionMs: config.topics.retentionMs }),
    })),
  );

/** Registers the schemas and puts the stages together. Nothing runs yet. */
export const assemble = async (config: Config, stores: Stores, clock: Clock, options: AssembleOptions = {}): Promise<Assembly> => {
  const { topicOf } = namesOf(config);
  const families = deliveryFamilies(config);
  const codecs = await registerCodecs(Object.values(families), stores.registry, topicOf);
  const outbox = options.outbox ?? createOutbox(config.dataDir);
  const configured = await createProviders(config, {
    outbox,
    clock,
    reportLater: (receipt, dueAtMs) =>
      stores.timers.schedule([
        { id: `sandbox:${receipt.receiptId}`, dueAtMs, record: outgoingOf(families.receipts, receipt, codecs, topicOf) },
      ]),
  });
  const providers = options.providers?.(configured) ?? configured;
  const policy = policyOf(config);
  const codec = codecs.of(families.dispatch);
  const { claims, cache } = stores;
  const topology = deliveryTopology(families, {
    validate: createValidate({ claims, policy }),
    enrich: createEnrich({ claims, policy, templates: createTemplateRenderer(config.templates) }),
    route: createRoute(),
    dispatch: createDispatch({ claims, cache, codec, providers, policy }),
    responseHandle: createResponseHandle({ claims, cache, codec, policy }),
    retry: createRetry(policy),
    feedback: createFeedback({ claims, cache, codec, policy }),
    lineageStore: createLineageSink(stores.lineage),
  });
  return { families, topology, codecs, providers, outbox, topics: topicSpecs(families, config) };
};
