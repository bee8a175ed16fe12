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

/** Messages of tenants with Kafka access. All lanes of a tenant share its topic. */
const ingressQueues = <T>(family: TopicFamily<T>, { tenants: _tenants, ...shape }: DeliveryShape["tenantTopics"]): QueueSet<T> =>
  queueSet("ingress", family, () => ({ ...shape, begins: "message", roles: roleSet("others", "intake-normal") }));

/** The queues of delivery, by sub-topology. */
export const deliveryQueueSets = (families: DeliveryFamilies, shape: DeliveryShape) => ({
  intake: laneQueues("intake", families.requests, shape, "message"),
  ingress: ingressQueues(families.ingress, shape.tenantTopics),
  dispatch: laneQueues("dispatch", families.dispatch, shape, "attempt"),
  respond: plainQueues("respond", families.receipts, shape.receipts, "respond"),
  egress: plainQueues("egress", families.feedback, shape.feedback, "notify"),
  fallback: plainQueues("fallback", families.fallbacks, shape.fallbacks, "respond"),
  announce: plainQueues("announce", families.feedback, shape.feedback, "notify"),
  webhook: plainQueues("webhook", families.webhooks, shape.webhooks, "notify"),
  record: plainQueues("record", families.lineage, shape.lineage, "record"),
});

const setsOf = (shape: DeliveryShape) => {
  const { announce, webhook, ingress, egress, ...always } = deliveryQueueSets(deliveryFamilies(shape), shape);
  return { always: Object.values(always), ofWebhooks: [announce, webhook], ofTenants: [ingress, egress] };
};

const queuesIn = (sets: readonly Pick<QueueSet<unknown>, "queues">[]): readonly Queue[] => sets.flatMap(({ queues }) => queues);

/** Represents the topics of all tenants while no tenant has one, so that roles can name them by a pattern. */
const anyTenant = ["*"];

/** Every queue that delivery can have. */
export const allDeliveryQueues = (config: Config): readonly Queue[] => {
  const shape = deliveryShapeOf(config);
  const { tenants } = shape.tenantTopics;
  const tenantTopics = { ...shape.tenantTopics, tenants: tenants.length > 0 ? tenants : anyTenant };
  const { always, ofWebhooks, ofTenants } = setsOf({ ...shape, tenantTopics });
  return queuesIn([...always, ...ofWebhooks, ...ofTenants]);
};

/** The queues of delivery as configured: those of webhooks if tenants can have one, those of tenants' topics if one has some. */
export const deliveryQueuesOf = (config: Config): readonly Queue[] => {
  const shape = deliveryShapeOf(config);
  const { always, ofWebhooks, ofTenants } = setsOf(shape);
  return queuesIn([...always, ...(shape.hasWebhooks ? ofWebhooks : []), ...(shape.tenantTopics.tenants.length > 0 ? ofTenants : [])]);
};
