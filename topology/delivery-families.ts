import type { TopicFamily, TopicMember } from "../engine/topic-family.js";
import type { RecordType } from "../schemas/records.js";
import * as records from "../schemas/records.js";
import { ingressTopicOf, requestsTopicOf, tenantFeedbackTopicOf } from "../schemas/topics.js";
import { channels, lanes } from "../schemas/vocabulary.js";
import type { DeliveryShape } from "./delivery-shape.js";

/** A dead letter contains a record of up to the topic limit (1 MB) and its description. */
const deadLetterBytes = 2 * 1_048_576;

type Partitioned = Pick<TopicMember, "partitions">;

const family = <T>(name: string, record: RecordType<T>, members: readonly TopicMember[], select: (value: T) => string): TopicFamily<T> => ({
  name,
  record,
  members,
  select,
});

/** A family with a topic for each tenant with Kafka access. */
const tenantFamily = <T extends { readonly tenant: string }>(
  name: string,
  record: RecordType<T>,
  { partitions, tenants }: DeliveryShape["tenantTopics"],
  topicOf: (tenant: string) => string,
): TopicFamily<T> =>
  family(
    name,
    record,
    tenants.map((tenant) => ({ name: topicOf(tenant), partitions })),
    ({ tenant }) => topicOf(tenant),
  );

const single = <T>(name: string, record: RecordType<T>, { partitions }: Partitioned): TopicFamily<T> =>
  family(name, record, [{ name, partitions }], () => name);

/** The topics of the delivery topology. */
export const deliveryFamilies = (shape: DeliveryShape) => ({
  requests: family(
    "requests",
    records.messageRequested,
    lanes.map((lane) => ({ name: `requests.${lane}`, lane, partitions: shape.lanes[lane].partitions })),
    requestsTopicOf,
  ),
  dispatch: family(
    "dispatch",
    records.dispatchCommand,
    channels.flatMap((channel) =>
      lanes.map((lane) => ({ name: `dispatch.${channel}.${lane}`, channel, lane, partitions: shape.lanes[lane].partitions })),
    ),
    ({ channel, lane }) => `dispatch.${channel}.${lane}`,
  ),
  receipts: family(
    "receipts",
    records.providerReceipt,
    channels.map((channel) => ({ name: `receipts.${channel}`, channel, partitions: shape.receipts.partitions })),
    ({ channel }) => `receipts.${channel}`,
  ),
  lineage: single("lineage", records.lineageEvent, shape.lineage),
  feedback: single("feedback", records.deliveryFeedback, shape.feedback),
  ingress: tenantFamily("ingress", records.messageRequested, shape.tenantTopics, ingressTopicOf),
  tenantFeedback: tenantFamily("tenant-feedback", records.tenantFeedback, shape.tenantTopics, tenantFeedbackTopicOf),
  fallbacks: single("fallbacks", records.fallbackEvent, shape.fallbacks),
  webhooks: single("webhooks", records.webhookDelivery, shape.webhooks),
  deadLetters: {
    ...single("dead-letters", records.deadLetter, shape.deadLetters),
    keep: { retentionMs: shape.deadLetters.retentionMs, maxRecordBytes: deadLetterBytes },
  },
});

export type DeliveryFamilies = ReturnType<typeof deliveryFamilies>;
