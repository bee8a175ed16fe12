import { describe } from "vitest";
import { connectRedis } from "../../stores/redis/connection.js";
import { createRedisTimers } from "../../stores/timers/redis-timers.js";
import { uniqueName } from "../support/scratch.js";
import { serverAddress } from "../support/servers.js";
import { itFiresManyTimers } from "./expire-listener-volume.js";

describe.concurrent("timers in Redis", () => {
  const open = async () => {
    const redis = connectRedis({ servers: { url: `${serverAddress("REDIS")}/10` }, prefix: uniqueName("timers") }, () => undefined);
    const timers = createRedisTimers(redis);
    return { ...timers, close: async () => Promise.all([timers.close(), redis.close()]).then(() => undefined) };
  };
  itFiresManyTimers("Redis", { listener: true, sweepEveryMs: 250 }, open);
  itFiresManyTimers("Redis", { listener: true, sweepEveryMs: 250, count: 2_000, withinMs: 10_000, processes: 3 }, open);
  itFiresManyTimers("Redis", { listener: false, sweepEveryMs: 250 }, open);
});
