import type { Admin, ConfigResourceTypes } from "kafkajs";
import { CarillonError } from "../../../schemas/errors.js";
import type { TopicDrift, TopicSpec } from "../event-log.js";
import { isError } from "./kafka-errors.js";
import { type Copies, readTopics } from "./kafka-topics.js";
import { maxSendBytes } from "./split-by-size.js";

/** The settings of an existing topic. */
export interface TopicState {
  /** Settings in force, wherever they are set. Missing settings are not checked. */
  readonly settings: ReadonlyMap<string, string>;
  /** Lowest number of copies of any partition. */
  readonly copies: number;
}

type Found = Omit<TopicDrift, "topic">;

const compaction = (value: string): Found[] =>
  value.includes("compact")
    ? [
        {
          setting: "cleanup.policy",
          value,
          needed: "delete",
          effect: "compaction deletes all but the newest record of a key, even before Carillon reads them",
          harmful: true,
        },
      ]
    : [];

/** -1 means unlimited. */
const spanOf = (ms: number): number => (ms < 0 ? Number.POSITIVE_INFINITY : ms);

const retention = (value: string, retentionMs: number): Found[] => {
  const [kept, needed] = [spanOf(Number(value)), spanOf(retentionMs)];
  if (kept === needed) return [];
  const drift = { setting: "retention.ms", value, needed: String(retentionMs) };
  return kept < needed
    ? [{ ...drift, effect: `records are deleted sooner than configured (${retentionMs}), even before Carillon reads them`, harmful: true }]
    : [{ ...drift, effect: `records are kept for longer than configured (${retentionMs}), and with them personal data`, harmful: false }];
};

const retainedBytes = (value: string): Found[] =>
  Number(value) < 0
    ? []
    : [
        {
          setting: "retention.bytes",
          value,
          needed: "-1",
          effect: "the oldest records of a partition that grows beyond this size are deleted, even before Carillon reads them",
          harmful: true,
        },
      ];

const recordBytes = (value: string, neededBytes: number): Found[] =>
  Number(value) >= neededBytes
    ? []
    : [
        {
          setting: "max.message.bytes",
          value,
          needed: String(neededBytes),
          effect: `larger records are rejected, but Carillon writes up to ${neededBytes} bytes at once`,
          harmful: true,
        },
      ];

const inSync = (value: string, copies: number, { minInSyncReplicas }: Copies): Found[] => {
  const drift = { setting: "min.insync.replicas", value, harmful: true };
  if (Number(value) > copies) {
    const needed = String(Math.min(minInSyncReplicas ?? copies, Math.max(1, copies - 1)));
    // KAFKA-15583: later brokers count no more replicas than exist
    return [{ ...drift, needed, effect: `partitions have fewer replicas (${copies}), so brokers before 3.7 reject every record` }];
  }
  // a minimum above the number of copies could never be met
  const needed = Math.min(minInSyncReplicas ?? 0, copies);
  if (Number(value) >= needed) return [];
  return [{ ...drift, needed: String(needed), effect: `a write succeeds with fewer replicas than topics.minInSyncReplicas (${needed})` }];
};

/** The differences between a topic's settings and Carillon's requirements. */
export const driftsOf = (spec: TopicSpec, { settings, copies }: TopicState, wanted: Copies): readonly TopicDrift[] => {
  const looks: Readonly<Record<string, (value: string) => Found[]>> = {
    "cleanup.policy": compaction,
    "retention.ms": (value) => retention(value, spec.retentionMs),
    "retention.bytes": retainedBytes,
    "max.message.bytes": (value) => recordBytes(value, spec.maxRecordBytes ?? maxSendBytes),
    "min.insync.replicas": (value) => inSync(value, copies, wanted),
  };
  return Object.entries(looks).flatMap(([setting, look]) => {
    const value = settings.get(setting);
    return value === undefined ? [] : look(value).map((found) => ({ topic: spec.topic, ...found }));
  });
};

const watched = ["cleanup.policy", "retention.ms", "retention.bytes", "max.message.bytes", "min.insync.replicas"];

/** Node.js does not find this name among the exports of kafkajs. */
export const topicResource: ConfigResourceTypes.TOPIC = 2;

const refused = (error: unknown): unknown =>
  isError(error, "TOPIC_AUTHORIZATION_FAILED") || isError(error, "CLUSTER_AUTHORIZATION_FAILED")
    ? new CarillonError("KAFKA_DENIED", "the account is not allowed to describe topic settings", {
        cause: error,
        fix: "allow the account DescribeConfigs on topics with the prefix topics.prefix (kafka-acls --add --operation DescribeConfigs)",
      })
    : error;

/** The drifts of all existing topics, in one request. Rejects KAFKA_DENIED when the account lacks permission to read them. */
export const readDrifts = async (admin: Admin, specs: readonly TopicSpec[], wanted: Copies): Promise<readonly TopicDrift[]> => {
  const existing = await readTopics(
    admin,
    specs.map(({ topic }) => topic),
  );
  if (existing.length === 0) return [];
  const described = await admin
    .describeConfigs({
      includeSynonyms: false,
      resources: existing.map(({ name }) => ({ type: topicResource, name, configNames: watched })),
    })
    .catch((error: unknown) => Promise.reject(refused(error)));
  const copies = new Map(existing.map(({ name, partitions }) => [name, Math.min(...partitions.map(({ replicas }) => replicas.length))]));
  const settings = new Map(
    described.resources.map(({ resourceName, configEntries }) => [
      resourceName,
      new Map(configEntries.map(({ configName, configValue }) => [configName, configValue])),
    ]),
  );
  return specs.flatMap((spec) => {
    const [own, count] = [settings.get(spec.topic), copies.get(spec.topic)];
    return own && count !== undefined ? driftsOf(spec, { settings: own, copies: count }, wanted) : [];
  });
};
