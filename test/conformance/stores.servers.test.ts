import { createRedisBuckets } from "../../stores/buckets/redis-buckets.js";
import { createRedisCells } from "../../stores/cells/redis-cells.js";
import { createRedisClaims } from "../../stores/claims/redis-claims.js";
import { systemClock } from "../../stores/clock.js";
import { createBullmqJobs } from "../../stores/jobs/bullmq-jobs.js";
import { createMongoLineage } from "../../stores/lineage-store/mongo/mongo-lineage.js";
import { createRedisCache } from "../../stores/message-cache/redis-cache.js";
import { connectRedis, type RedisConnection } from "../../stores/redis/connection.js";
import { createConfluentRegistry } from "../../stores/schema-registry/confluent-registry.js";
import { createRedisTimers } from "../../stores/timers/redis-timers.js";
import { uniqueName } from "../support/scratch.js";
import { serverAddress } from "../support/servers.js";
import { describeBuckets } from "./buckets.js";
import { describeCells } from "./cells.js";
import { describeClaims } from "./claims.js";
import { describeJobs } from "./jobs.js";
import { describeLineageStore } from "./lineage-store.js";
import { describeMessageCache } from "./message-cache.js";
import { describeSchemaRegistry } from "./schema-registry.js";
import { describeSealedLineage } from "./sealed-lineage.js";
import { describeTimers } from "./timers.js";

const pass = (ms: number): Promise<void> => systemClock.sleep(ms);

/** A Redis connection with separate keys. */
const onRedis = <Port>(create: (redis: RedisConnection) => Port, database = 0) => {
  let redis: RedisConnection | undefined;
  return {
    open: async (): Promise<Port> => {
      redis = connectRedis({ servers: { url: `${serverAddress("REDIS")}/${database}` }, prefix: uniqueName("test") }, () => undefined);
      return create(redis);
    },
    dispose: async () => redis?.close(),
  };
};

describeJobs({
  name: "BullMQ",
  shared: true,
  open: (prefix, onError) => createBullmqJobs({ servers: { url: serverAddress("REDIS") }, prefix }, onError),
});
describeClaims({ name: "Redis", pass, ...onRedis(createRedisClaims) });
describeBuckets({ name: "Redis", pass, ...onRedis(createRedisBuckets) });
describeCells({ name: "Redis", pass, ...onRedis(createRedisCells) });
describeMessageCache({ name: "Redis", pass, ...onRedis(createRedisCache) });
// Redis finds expired keys by sampling: among thousands of keys one event can take seconds, so these have a separate database
describeTimers({ name: "Redis", pass, now: Date.now, hints: true, ...onRedis(createRedisTimers, 9) });
describeLineageStore({
  name: "MongoDB",
  pass,
  open: async () => createMongoLineage({ url: serverAddress("MONGO"), database: uniqueName("test") }),
});
describeSealedLineage({
  name: "MongoDB",
  pass,
  open: async () => createMongoLineage({ url: serverAddress("MONGO"), database: uniqueName("test") }),
});
describeSchemaRegistry({
  name: "a Confluent-compatible server",
  pass,
  open: async () => createConfluentRegistry({ url: serverAddress("REGISTRY") }),
});
