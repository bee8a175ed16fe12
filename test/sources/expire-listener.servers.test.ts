import { describe } from "vitest";
import { connectRedis } from "../../stores/redis/connection.js";
import { createRedisTimers } from "../../stores/timers/redis-timers.js";
import { uniqueName } from "../support/scratch.js";
import { serverAddress } from "../support/servers.js";
import { itFiresTenThousandTimers } from "./expire-listener-volume.js";

describe.concurrent("timers in Redis", () => {
  const open = async () => {
    const redis = connectRedis({ servers: { url: `${serverAddress("REDIS")}/10` }, prefix: uniqueName("timers") }, () => undefined);
    const timers = createRedisTimers(redis);
    return { ...timers, close: async () => Promise.all([timers.close(), redis.close()]).then(() => undefined) };
  };
  itFiresTenThousandTimers("Redis", true, 250, open);
  itFiresTenThousandTimers("Redis", false, 250, open);
});
