import type { Admin, ITopicMetadata } from "kafkajs";
import type { TopicSpec } from "../event-log.js";
import { refuseShrinking } from "../shrinking-topics.js";

/** How many copies the records of topics have. */
export interface Copies {
  /** Copies of each partition; -1: the brokers' default. */
  readonly replicationFactor: number;
  /** Copies that a record must have before it counts, of topics that are created; null: the brokers' default. */
  readonly minInSyncReplicas?: number | null;
}

/** What Carillon depends on is set on each topic, so that no default of the brokers decides it. */
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

/** Of the topics asked for, those that exist. */
export const readTopics = async (admin: Admin, asked: readonly string[]): Promise<readonly ITopicMetadata[]> => {
  const known = new Set(await admin.listTopics());
  const wanted = asked.filter((topic) => known.has(topic));
  if (wanted.length === 0) return [];
  return (await admin.fetchTopicMetadata({ topics: wanted })).topics;
};

/** The same with the number of their partitions. */
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
