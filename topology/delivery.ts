import { createTopology, type Topology } from "../engine/builder.js";
import type { BatchSink, Stage } from "../engine/stage.js";
import type { ConclusionPorts } from "../processors/conclude.js";
import type { DispatchPorts } from "../processors/dispatch-ports.js";
import type { EgressPorts } from "../processors/egress.js";
import type { EnrichedMessage } from "../processors/enrich.js";
import type { FallbackPorts } from "../processors/fallback.js";
import type { IngressPorts } from "../processors/ingress.js";
import type { ResponseHandlePorts } from "../processors/response-handle.js";
import type { Ending, RetryPorts } from "../processors/retry.js";
import type { RoutePorts } from "../processors/route.js";
import type { ValidMessage } from "../processors/validate.js";
import type { Verdict } from "../processors/verdict.js";
import type { AnnouncePorts, WebhookPorts } from "../processors/webhook.js";
import type {
  DeliveryFeedback,
  DispatchCommand,
  FallbackEvent,
  LineageEvent,
  MessageRequested,
  ProviderReceipt,
  WebhookDelivery,
} from "../schemas/generated.js";
import type { DeliveryFamilies } from "./delivery-families.js";
import { deliveryQueueSets } from "./delivery-queues.js";
import type { DeliveryShape } from "./delivery-shape.js";
import { deliveryWriters } from "./delivery-writers.js";

/** The stages, with their dependencies. */
export interface DeliveryStages {
  readonly validate: Stage<MessageRequested, ValidMessage, ConclusionPorts>;
  readonly enrich: Stage<ValidMessage, EnrichedMessage, ConclusionPorts>;
  readonly route: Stage<EnrichedMessage, void, RoutePorts>;
  readonly dispatch: Stage<DispatchCommand, Verdict, DispatchPorts>;
  readonly responseHandle: Stage<ProviderReceipt, Verdict, ResponseHandlePorts>;
  readonly retry: Stage<Verdict, Ending, RetryPorts>;
  readonly feedback: Stage<Ending, void, ConclusionPorts>;
  readonly fallback: Stage<FallbackEvent, void, FallbackPorts>;
  /** Present if tenants can have webhooks. */
  readonly webhookStages?: {
    readonly announce: Stage<DeliveryFeedback, void, AnnouncePorts>;
    readonly webhook: Stage<WebhookDelivery, void, WebhookPorts>;
  };
  /** Present if a tenant has topics of its own. */
  readonly tenantStages?: {
    readonly ingress: Stage<MessageRequested, MessageRequested, IngressPorts>;
    readonly egress: Stage<DeliveryFeedback, void, EgressPorts>;
  };
  readonly lineageStore: BatchSink<LineageEvent>;
}

/** The stages in the order of a message's flow. */
export const deliveryTopology = (topics: DeliveryFamilies, shape: DeliveryShape, stages: DeliveryStages): Topology => {
  const queues = deliveryQueueSets(topics, shape);
  const topology = createTopology("delivery");
  const requests = topology.topics(topics.requests);
  const dispatch = topology.topics(topics.dispatch);
  const receipts = topology.topics(topics.receipts);
  const lineage = topology.topics(topics.lineage);
  const feedback = topology.topics(topics.feedback);
  const fallbacks = topology.topics(topics.fallbacks);
  const deadLetters = topology.topics(topics.deadLetters);

  topology.writers(deliveryWriters(topics, shape));

  topology
    .subTopology(queues.intake)
    .through(stages.validate)
    .through(stages.enrich)
    .through(stages.route)
    .to({ dispatch, lineage, feedback, fallbacks });

  topology
    .subTopology(queues.dispatch)
    .through(stages.dispatch)
    .through(stages.retry)
    .through(stages.feedback)
    .to({ receipts, dispatch, lineage, feedback, fallbacks });

  topology
    .subTopology(queues.respond)
    .through(stages.responseHandle)
    .through(stages.retry)
    .through(stages.feedback)
    .to({ receipts, dispatch, lineage, feedback, fallbacks });

  topology.subTopology(queues.fallback).through(stages.fallback).to({ requests, fallbacks });

  if (stages.tenantStages) {
    topology.topics(topics.ingress);
    const tenantFeedback = topology.topics(topics.tenantFeedback);
    topology
      .subTopology(queues.ingress)
      .through(stages.tenantStages.ingress)
      .through(stages.validate)
      .through(stages.enrich)
      .through(stages.route)
      .to({ dispatch, lineage, feedback, fallbacks });
    topology.subTopology(queues.egress).through(stages.tenantStages.egress).to({ tenantFeedback });
    topology.reader("tenant", tenantFeedback);
  }

  if (stages.webhookStages) {
    const webhooks = topology.topics(topics.webhooks);
    topology.subTopology(queues.announce).through(stages.webhookStages.announce).to({ webhooks });
    topology.subTopology(queues.webhook).through(stages.webhookStages.webhook).to({ webhooks, lineage });
  }

  topology.subTopology(queues.record).into(stages.lineageStore);

  topology.reader("sender", feedback);
  topology.reader("redrive", deadLetters);

  return topology.build();
};
