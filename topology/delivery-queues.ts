import type { Config } from "../config/schema.js";
import { type Queue, type QueueOptions, type QueueSet, queueSet } from "../engine/queue.js";
import type { TopicFamily } from "../engine/topic-family.js";
import { isLane } from "../schemas/vocabulary.js";
import { type DeliveryFamilies, deliveryFamilies } from "./delivery-families.js";
import { type DeliveryShape, deliveryShapeOf, type QueueShape } from "./delivery-shape.js";

const roleSet = (small: string, large: string): QueueOptions["roles"] => ({ small, large });

/** The queues of a family with a topic per lane. Each lane sends with its own producer. */
const laneQueues = <T>(sub: string, family: TopicFamily<T>, { lanes }: DeliveryShape, begins: Queue["begins"]): QueueSet<T> =>
  queueSet(sub, family, ({ lane }) => {
    if (lane === undefined || !isLane(lane)) return {};
    const urgent = lane === "critical";
    return { ...lanes[lane], share: lane, urgent, begins, roles: roleSet(urgent ? "critical" : "others", `${sub}-${lane}`) };
  });

const plainQueues = <T>(sub: string, family: TopicFamily<T>, shape: QueueShape, role: string): QueueSet<T> =>
  queueSet(sub, family, () => ({ ...shape, roles: roleSet("back", role) }));

/** The queues of delivery, by sub-topology. */
export const deliveryQueueSets = (families: DeliveryFamilies, shape: DeliveryShape) => ({
  intake: laneQueues("intake", families.requests, shape, "message"),
  dispatch: laneQueues("dispatch", families.dispatch, shape, "attempt"),
  respond: plainQueues("respond", families.receipts, shape.receipts, "respond"),
  announce: plainQueues("announce", families.feedback, shape.feedback, "notify"),
  webhook: plainQueues("webhook", families.webhooks, shape.webhooks, "notify"),
  record: plainQueues("record", families.lineage, shape.lineage, "record"),
});

const setsOf = (config: Config) => {
  const shape = deliveryShapeOf(config);
  const { announce, webhook, ...always } = deliveryQueueSets(deliveryFamilies(shape), shape);
  return { always: Object.values(always), ofWebhooks: [announce, webhook], hasWebhooks: shape.hasWebhooks };
};

const queuesIn = (sets: readonly Pick<QueueSet<unknown>, "queues">[]): readonly Queue[] => sets.flatMap(({ queues }) => queues);

/** Every queue that delivery can have. */
export const allDeliveryQueues = (config: Config): readonly Queue[] => {
  const { always, ofWebhooks } = setsOf(config);
  return queuesIn([...always, ...ofWebhooks]);
};

/** The queues of delivery as configured: those of webhooks are present only when a tenant has one. */
export const deliveryQueuesOf = (config: Config): readonly Queue[] => {
  const { always, ofWebhooks, hasWebhooks } = setsOf(config);
  return queuesIn(hasWebhooks ? [...always, ...ofWebhooks] : always);
};
