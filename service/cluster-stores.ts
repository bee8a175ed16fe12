import type { Config } from "../config/schema.js";
import { CarillonError } from "../schemas/errors.js";
import { createRedisBuckets } from "../stores/buckets/redis-buckets.js";
import { createRedisCells } from "../stores/cells/redis-cells.js";
import { createRedisClaims } from "../stores/claims/redis-claims.js";
import { createKafkaLog } from "../stores/event-log/kafka/kafka-log.js";
import { createBullmqJobs } from "../stores/jobs/bullmq-jobs.js";
import { createCalendar } from "../stores/lineage-store/calendar.js";
import { createMongoLineage } from "../stores/lineage-store/mongo/mongo-lineage.js";
import { createRedisCache } from "../stores/message-cache/redis-cache.js";
import { connectRedis } from "../stores/redis/connection.js";
import { createConfluentRegistry } from "../stores/schema-registry/confluent-registry.js";
import { createRedisTimers } from "../stores/timers/redis-timers.js";
import { closable, type Stores } from "./stores.js";

const given = (key: string, value: string | null): string => {
  if (value === null) throw new CarillonError("CONFIG_INVALID", `${key} is missing`);
  return value;
};

/** The cluster profile: Kafka, Redis, MongoDB and a schema registry. Connections are made when first needed. */
export const openClusterStores = async (config: Config, onTrouble: (where: string, error: unknown) => void): Promise<Stores> => {
  const { kafka, registry, topics, reports } = config;
  const redis = connectRedis(given("redis.url", config.redis.url), config.redis.prefix, (error) => onTrouble("redis", error));
  const lineage = createMongoLineage({
    url: given("mongo.url", config.mongo.url),
    database: config.mongo.database,
    calendar: createCalendar(reports.timeZone),
    retention: { messagesDays: reports.keepMessagesDays, hourlyDays: reports.keepHourlyDays, dailyDays: reports.keepDailyDays },
    deadlineMs: reports.deadlineMs,
  });
  const stores = {
    log: createKafkaLog({ ...kafka, replicationFactor: topics.replicationFactor }),
    cache: createRedisCache(redis),
    claims: createRedisClaims(redis),
    buckets: createRedisBuckets(redis),
    cells: createRedisCells(redis),
    timers: createRedisTimers(redis),
    lineage,
    reports: lineage,
    jobs: createBullmqJobs({ url: given("redis.url", config.redis.url), prefix: config.redis.prefix }, (name, error) =>
      onTrouble(`job ${name}`, error),
    ),
    registry: createConfluentRegistry({
      url: given("registry.url", registry.url),
      username: registry.username ?? undefined,
      password: registry.password ?? undefined,
    }),
  };
  return closable(stores, () => redis.close());
};
