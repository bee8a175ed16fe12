import type { Config } from "../config/schema.js";
import type { QueueOptions } from "../engine/queue.js";
import type { Lane } from "../schemas/generated.js";

/** A topic's partitions and how to consume it. */
export type QueueShape = { readonly partitions: number } & Pick<
  QueueOptions,
  "consumers" | "guarantee" | "concurrency" | "maxBatchRecords" | "sessionTimeoutMs" | "sizedBy"
>;

/** Everything that the delivery graph takes from the configuration. */
export interface DeliveryShape {
  readonly lanes: Readonly<Record<Lane, QueueShape>>;
  readonly receipts: QueueShape;
  readonly lineage: QueueShape;
  readonly feedback: QueueShape;
  readonly fallbacks: QueueShape;
  readonly webhooks: QueueShape;
  readonly deadLetters: { readonly partitions: number; readonly retentionMs: number };
  /** Whether tenants can have webhooks: some are configured, or there are keys that encrypt the secrets of their own. */
  readonly hasWebhooks: boolean;
  /** The topics of tenants with Kafka access, and the tenants. */
  readonly tenantTopics: QueueShape & { readonly tenants: readonly string[] };
}

type ShapingConfig = Pick<Config, "lanes" | "receipts" | "lineage" | "webhooks" | "encryption" | "tenantTopics" | "runtime" | "topics">;

/** A value for each lane. */
export const byLane = <T>(of: (lane: Lane) => T): Record<Lane, T> => ({
  critical: of("critical"),
  high: of("high"),
  normal: of("normal"),
  bulk: of("bulk"),
});

/** Derives the delivery graph's shape from the configuration. */
export const deliveryShapeOf = (config: ShapingConfig): DeliveryShape => {
  const { lanes, receipts, lineage, webhooks, encryption, tenantTopics, runtime, topics } = config;
  const { maxBatchRecords } = runtime;
  const consumed = ({ partitions, consumers, guarantee, concurrency }: Config["receipts"], sizedBy: string): QueueShape => ({
    partitions,
    consumers,
    guarantee,
    concurrency,
    maxBatchRecords,
    sizedBy,
  });
  const { guarantee, concurrency } = receipts;
  const { partitions } = lineage;
  return {
    lanes: byLane((lane) => ({ ...consumed(lanes[lane], `lanes.${lane}`), sessionTimeoutMs: lanes[lane].sessionTimeoutMs })),
    receipts: consumed(receipts, "receipts"),
    // a sink writes each batch at once
    lineage: {
      ...consumed({ ...lineage, guarantee, concurrency: lineage.maxBatchRecords }, "lineage"),
      maxBatchRecords: lineage.maxBatchRecords,
    },
    // each final message has a feedback record, and announcing one needs no external call
    feedback: consumed({ partitions, consumers: 1, guarantee, concurrency }, "lineage"),
    // most events of fallbacks follow from a receipt
    fallbacks: consumed(receipts, "receipts"),
    webhooks: consumed(webhooks, "webhooks"),
    deadLetters: { partitions: 1, retentionMs: topics.deadLetterRetentionMs },
    tenantTopics: { ...consumed(tenantTopics, "tenantTopics"), tenants: tenantTopics.tenants },
    hasWebhooks: [webhooks.tenants, encryption.keys].some((named) => Object.keys(named).length > 0),
  };
};
