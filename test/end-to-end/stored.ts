import { Redis } from "ioredis";
import { MongoClient } from "mongodb";
import { expect } from "vitest";
import type { Delivery } from "./harness.js";
import { storedFiles, storedTables } from "./stored-tables.js";

const redisValue = async (redis: Redis, key: string): Promise<unknown> => {
  const type = await redis.type(key);
  if (type === "string") return (await redis.getBuffer(key))?.toString("latin1");
  if (type === "hash") return Object.entries(await redis.hgetallBuffer(key)).map(([field, value]) => [field, value.toString("latin1")]);
  if (type === "zset") return redis.zrange(key, "0", "-1");
  if (type === "set") return redis.smembers(key);
  if (type === "list") return redis.lrange(key, 0, -1);
  if (type === "stream") return redis.xrange(key, "-", "+");
  return type;
};

const inRedis = async ({ config }: Delivery): Promise<string> => {
  const redis = new Redis(config.redis.url ?? "");
  try {
    const keys = await redis.keys(`*${config.redis.prefix}*`);
    return JSON.stringify(await Promise.all(keys.map(async (key) => [key, await redisValue(redis, key)])));
  } finally {
    redis.disconnect();
  }
};

const inMongo = async ({ config }: Delivery): Promise<string> => {
  const client = await MongoClient.connect(config.mongo.url ?? "");
  try {
    const database = client.db(config.mongo.database);
    const collections = await database.collections();
    return JSON.stringify(await Promise.all(collections.map((collection) => collection.find().toArray())));
  } finally {
    await client.close();
  }
};

const inLog = async ({ assembly, stores }: Delivery): Promise<string> => {
  const records = await Promise.all(assembly.topics.map(({ topic }) => stores.log.scan(topic, 1_000)));
  return records
    .flat()
    .map(({ topic, key, value, headers }) =>
      [topic, key, value, ...Object.values(headers)].map((part) => part?.toString("latin1")).join(" "),
    )
    .join("\n");
};

/** Records of the log stay until its retention ends. */
const logTable = "log-segments";

/** Every entry of every table of the embedded store, without the log and without freed pages. */
const inTables = async ({ config }: Delivery): Promise<string> => {
  const { [logTable]: _log, ...tables } = await storedTables(config.dataDir);
  expect(Object.keys(tables).length).toBeGreaterThan(10);
  return Object.values(tables).join("\n");
};

/** All entries of all tables and collections that an erasure reaches, including ones of later versions. Excludes the log. */
export const erasableIn = async (delivery: Delivery): Promise<Record<string, string>> =>
  delivery.config.profile === "cluster"
    ? { redis: await inRedis(delivery), mongo: await inMongo(delivery) }
    : { tables: await inTables(delivery) };

/**
 * All stored data by place: the embedded store's files; or the log, Redis and MongoDB. Excludes the sandbox's outbox, which is meant to be
 * readable.
 */
export const storedIn = async (delivery: Delivery): Promise<Record<string, string>> => {
  const { profile, dataDir } = delivery.config;
  if (profile === "cluster") return { log: await inLog(delivery), redis: await inRedis(delivery), mongo: await inMongo(delivery) };
  const files = Object.entries(storedFiles(dataDir)).filter(([path]) => !path.startsWith("outbox"));
  return { files: files.map(([, bytes]) => bytes).join("\n") };
};
