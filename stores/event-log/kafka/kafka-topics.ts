import type { Admin, ITopicMetadata } from "kafkajs";
import type { TopicSpec } from "../event-log.js";
import { refuseShrinking } from "../shrinking-topics.js";

/** Replication settings of topics. */
export interface Copies {
  /** Copies of each partition; -1: the brokers' default. */
  readonly replicationFactor: number;
  /** Copies that must exist before a write counts, for new topics; null: the brokers' default. */
  readonly minInSyncReplicas?: number | null;
}

/** Sets on each topic every setting that Carillon depends on, so that no broker default applies. */
const settingsOf = ({ retentionMs, maxRecordBytes }: TopicSpec, { minInSyncReplicas }: Copies): Readonly<Record<string, string>> => ({
  "cleanup.policy": "delete",
  "retention.ms": String(retentionMs),
  "retention.bytes": "-1",
  ...(minInSyncReplicas === null || minInSyncReplicas === undefined ? {} : { "min.insync.replicas": String(minInSyncReplicas) }),
  ...(maxRecordBytes === undefined ? {} : { "max.message.bytes": String(maxRecordBytes) }),
});

const createMissing = async (admin: Admin, specs: readonly TopicSpec[], copies: Copies): Promise<void> => {
  if (specs.length === 0) return;
  await admin.createTopics({
    waitForLeaders: true,
    topics: specs.map((spec) => ({
      topic: spec.topic,
      numPartitions: spec.partitions,
      replicationFactor: copies.replicationFactor,
      configEntries: Object.entries(settingsOf(spec, copies)).map(([name, value]) => ({ name, value })),
    })),
  });
};

/** Metadata of the requested topics that exist. */
export const readTopics = async (admin: Admin, asked: readonly string[]): Promise<readonly ITopicMetadata[]> => {
  const known = new Set(await admin.listTopics());
  const wanted = asked.filter((topic) => known.has(topic));
  if (wanted.length === 0) return [];
  return (await admin.fetchTopicMetadata({ topics: wanted })).topics;
};

/** Partition counts of the requested topics that exist. */
export const existingPartitions = async (admin: Admin, asked: readonly string[]): Promise<ReadonlyMap<string, number>> =>
  new Map((await readTopics(admin, asked)).map(({ name, partitions }) => [name, partitions.length]));

export const ensureTopics = async (admin: Admin, specs: readonly TopicSpec[], copies: Copies): Promise<void> => {
  const existing = await existingPartitions(
    admin,
    specs.map(({ topic }) => topic),
  );
  refuseShrinking(specs, (topic) => existing.get(topic) ?? 0);
  await createMissing(
    admin,
    specs.filter(({ topic }) => !existing.has(topic)),
    copies,
  );
  const growing = specs.filter(({ topic, partitions }) => (existing.get(topic) ?? partitions) < partitions);
  if (growing.length > 0) {
    await admin.createPartitions({ topicPartitions: growing.map(({ topic, partitions }) => ({ topic, count: partitions })) });
  }
};
