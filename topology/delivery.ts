import { createTopology, type Topology } from "../engine/builder.js";
import type { BatchSink, Stage } from "../engine/stage.js";
import type { TopicFamily, TopicMember } from "../engine/topic-family.js";
import type { ConclusionPorts } from "../processors/conclude.js";
import type { DispatchPorts } from "../processors/dispatch-ports.js";
import type { EnrichedMessage } from "../processors/enrich.js";
import type { ResponseHandlePorts } from "../processors/response-handle.js";
import type { Ending, RetryPorts } from "../processors/retry.js";
import type { RoutePorts } from "../processors/route.js";
import type { ValidMessage } from "../processors/validate.js";
import type { Verdict } from "../processors/verdict.js";
import type { AnnouncePorts, WebhookPorts } from "../processors/webhook.js";
import type {
  DeliveryFeedback,
  DispatchCommand,
  Lane,
  LineageEvent,
  MessageRequested,
  ProviderReceipt,
  WebhookDelivery,
} from "../schemas/generated.js";
import type { RecordType } from "../schemas/records.js";
import * as records from "../schemas/records.js";
import { channels, isLane, lanes } from "../schemas/vocabulary.js";

/** A topic's partitions, and its consumers in each process. */
export interface Queue {
  readonly partitions: number;
  readonly consumers: number;
}

export interface DeliveryShape {
  readonly lanes: Readonly<Record<Lane, Queue>>;
  readonly receipts: Queue;
  readonly lineage: Queue;
  readonly webhooks: Queue;
}

/** The stages, made with what they depend on. */
export interface DeliveryStages {
  readonly validate: Stage<MessageRequested, ValidMessage, ConclusionPorts>;
  readonly enrich: Stage<ValidMessage, EnrichedMessage, ConclusionPorts>;
  readonly route: Stage<EnrichedMessage, void, RoutePorts>;
  readonly dispatch: Stage<DispatchCommand, Verdict, DispatchPorts>;
  readonly responseHandle: Stage<ProviderReceipt, Verdict, ResponseHandlePorts>;
  readonly retry: Stage<Verdict, Ending, RetryPorts>;
  readonly feedback: Stage<Ending, void, ConclusionPorts>;
  /** There where a tenant has a webhook. */
  readonly telling?: {
    readonly announce: Stage<DeliveryFeedback, void, AnnouncePorts>;
    readonly webhook: Stage<WebhookDelivery, void, WebhookPorts>;
  };
  readonly lineageStore: BatchSink<LineageEvent>;
}

const family = <T>(name: string, record: RecordType<T>, members: readonly TopicMember[], select: (value: T) => string): TopicFamily<T> => ({
  name,
  record,
  members,
  select,
});

const single = <T>(name: string, record: RecordType<T>, queue: Queue): TopicFamily<T> =>
  family(name, record, [{ name, ...queue }], () => name);

/** The topics of the delivery topology. */
export const deliveryFamilies = (shape: DeliveryShape) => ({
  requests: family(
    "requests",
    records.messageRequested,
    lanes.map((lane) => ({ name: `requests.${lane}`, ...shape.lanes[lane] })),
    ({ lane }) => `requests.${lane && isLane(lane) ? lane : "normal"}`,
  ),
  dispatch: family(
    "dispatch",
    records.dispatchCommand,
    channels.flatMap((channel) => lanes.map((lane) => ({ name: `dispatch.${channel}.${lane}`, ...shape.lanes[lane] }))),
    ({ channel, lane }) => `dispatch.${channel}.${lane}`,
  ),
  receipts: family(
    "receipts",
    records.providerReceipt,
    channels.map((channel) => ({ name: `receipts.${channel}`, ...shape.receipts })),
    ({ channel }) => `receipts.${channel}`,
  ),
  lineage: single("lineage", records.lineageEvent, shape.lineage),
  feedback: single("feedback", records.deliveryFeedback, { partitions: shape.lineage.partitions, consumers: 1 }),
  webhooks: single("webhooks", records.webhookDelivery, shape.webhooks),
  deadLetters: single("dead-letters", records.deadLetter, { partitions: 1, consumers: 1 }),
});

export type DeliveryFamilies = ReturnType<typeof deliveryFamilies>;

/** The way of a message, from top to bottom. */
export const deliveryTopology = (topics: DeliveryFamilies, stages: DeliveryStages): Topology => {
  const topology = createTopology("delivery");
  const requests = topology.topics(topics.requests);
  const dispatch = topology.topics(topics.dispatch);
  const receipts = topology.topics(topics.receipts);
  const lineage = topology.topics(topics.lineage);
  const feedback = topology.topics(topics.feedback);
  const deadLetters = topology.topics(topics.deadLetters);

  topology.source("client", requests);
  topology.source("HTTP", requests);

  topology
    .subTopology("intake", requests)
    .through(stages.validate)
    .through(stages.enrich)
    .through(stages.route)
    .to({ dispatch, lineage, feedback });

  topology
    .subTopology("dispatch", dispatch)
    .through(stages.dispatch)
    .through(stages.retry)
    .through(stages.feedback)
    .to({ receipts, dispatch, lineage, feedback });

  topology.source("providers", receipts);

  topology
    .subTopology("respond", receipts)
    .through(stages.responseHandle)
    .through(stages.retry)
    .through(stages.feedback)
    .to({ receipts, dispatch, lineage, feedback });

  topology.source("expire-listener", dispatch, receipts);

  if (stages.telling) {
    const webhooks = topology.topics(topics.webhooks);
    topology.source("expire-listener", webhooks);
    topology.subTopology("announce", feedback).through(stages.telling.announce).to({ webhooks });
    topology.subTopology("webhook", webhooks).through(stages.telling.webhook).to({ webhooks, lineage });
  }

  topology.subTopology("record", lineage).into(stages.lineageStore);

  topology.reader("sender", feedback);
  topology.source("any stage", deadLetters);
  topology.reader("redrive", deadLetters);

  return topology.build();
};
