import type { Config } from "../config/schema.js";
import type { SaslConfig } from "../config/servers.js";
import { CarillonError } from "../schemas/errors.js";
import { createMongoAuditLog } from "../stores/audit/mongo/mongo-audit-log.js";
import { createRedisBuckets } from "../stores/buckets/redis-buckets.js";
import { createRedisCells } from "../stores/cells/redis-cells.js";
import { createRedisClaims } from "../stores/claims/redis-claims.js";
import { systemClock } from "../stores/clock.js";
import { createMongoDirectory } from "../stores/directory/mongo/mongo-directory.js";
import { createKafkaLog } from "../stores/event-log/kafka/kafka-log.js";
import type { Sasl } from "../stores/event-log/kafka/kafka-security.js";
import { createBullmqJobs } from "../stores/jobs/bullmq-jobs.js";
import { createCalendar } from "../stores/lineage-store/calendar.js";
import { createMongoLineage } from "../stores/lineage-store/mongo/mongo-lineage.js";
import { createRedisCache } from "../stores/message-cache/redis-cache.js";
import { createMongoConnection } from "../stores/mongo/mongo-connection.js";
import { connectRedis } from "../stores/redis/connection.js";
import { createServerSettings } from "../stores/redis/server-settings.js";
import { createConfluentRegistry } from "../stores/schema-registry/confluent-registry.js";
import { closable, type Stores } from "../stores/stores.js";
import { createMongoSubscriptions } from "../stores/subscriptions/mongo/mongo-subscriptions.js";
import { createMongoTenants } from "../stores/tenants/mongo/mongo-tenants.js";
import { createRedisTimers } from "../stores/timers/redis-timers.js";
import { createTokenSource } from "../wire/access-token.js";
import { tlsOptionsOf } from "../wire/tls.js";

const given = (key: string, value: string | null): string => {
  if (value === null) throw new CarillonError("CONFIG_INVALID", `${key} is missing`);
  return value;
};

const saslOf = ({ mechanism, username, password, tokenUrl, clientId, secret, scope }: SaslConfig): Sasl | undefined => {
  if (mechanism === null) return undefined;
  if (mechanism === "oauthbearer") {
    const client = { tokenUrl: given("kafka.sasl.tokenUrl", tokenUrl), clientId: given("kafka.sasl.clientId", clientId) };
    return { mechanism, token: createTokenSource({ ...client, secret: given("kafka.sasl.secret", secret), scope }) };
  }
  return { mechanism, username: given("kafka.sasl.username", username), password: given("kafka.sasl.password", password) };
};

/** The cluster profile: Kafka, Redis, MongoDB and a schema registry. Connects lazily. */
export const openClusterStores = async (config: Config, onTrouble: (where: string, error: unknown) => void): Promise<Stores> => {
  const { kafka, registry, topics, reports } = config;
  const redisSettings = {
    servers: { ...config.redis, tls: tlsOptionsOf(config.redis.tls) },
    prefix: config.redis.prefix,
    replicas: config.redis.replicas,
  };
  const redis = connectRedis(redisSettings, (error) => onTrouble("redis", error));
  const mongoSettings = {
    url: given("mongo.url", config.mongo.url),
    username: config.mongo.username ?? undefined,
    password: config.mongo.password ?? undefined,
    tls: tlsOptionsOf(config.mongo.tls),
    database: config.mongo.database,
    onTrouble: (error: unknown) => onTrouble("mongo", error),
  };
  const lineage = createMongoLineage({
    ...mongoSettings,
    calendar: createCalendar(reports.timeZone),
    retention: { messagesDays: reports.keepMessagesDays, hourlyDays: reports.keepHourlyDays, dailyDays: reports.keepDailyDays },
    deadlineMs: reports.deadlineMs,
  });
  const mongo = createMongoConnection(mongoSettings);
  const stores = {
    log: createKafkaLog({
      ...kafka,
      instance: config.instance,
      tls: tlsOptionsOf(kafka.tls),
      sasl: saslOf(kafka.sasl),
      replicationFactor: topics.replicationFactor,
      minInSyncReplicas: topics.minInSyncReplicas,
    }),
    cache: createRedisCache(redis),
    claims: createRedisClaims(redis),
    buckets: createRedisBuckets(redis),
    cells: createRedisCells(redis),
    timers: createRedisTimers(redis),
    settings: createServerSettings(redis),
    lineage,
    reports: lineage,
    jobs: createBullmqJobs(redisSettings, (name, error) => onTrouble(`job ${name}`, error)),
    directory: createMongoDirectory(mongo, systemClock),
    subscriptions: createMongoSubscriptions(mongo),
    tenants: createMongoTenants(mongo, systemClock),
    audit: createMongoAuditLog(mongo),
    registry: createConfluentRegistry({
      url: given("registry.url", registry.url),
      username: registry.username ?? undefined,
      password: registry.password ?? undefined,
      tls: tlsOptionsOf(registry.tls),
    }),
  };
  return closable(stores, () => redis.close());
};
