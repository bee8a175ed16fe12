import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createRedisBuckets } from "../../stores/buckets/redis-buckets.js";
import { createRedisCells } from "../../stores/cells/redis-cells.js";
import { createRedisClaims } from "../../stores/claims/redis-claims.js";
import { systemClock } from "../../stores/clock.js";
import { createBullmqJobs } from "../../stores/jobs/bullmq-jobs.js";
import { createRedisCache } from "../../stores/message-cache/redis-cache.js";
import { connectRedis, type RedisConnection, type RedisServers } from "../../stores/redis/connection.js";
import { createRedisTimers } from "../../stores/timers/redis-timers.js";
import { type RedisCluster, type RedisSentinel, sentinelMaster, startRedisCluster, startRedisSentinel } from "../servers/redis.js";
import { itFiresManyTimers } from "../sources/expire-listener-volume.js";
import { eventually } from "../support/eventually.js";
import { scratchFolder, uniqueName } from "../support/scratch.js";
import { describeBuckets } from "./buckets.js";
import { describeCells } from "./cells.js";
import { describeClaims } from "./claims.js";
import { describeJobs } from "./jobs.js";
import { describeMessageCache } from "./message-cache.js";
import { describeTimers } from "./timers.js";

/** The ports on a Redis Cluster and behind Redis Sentinel: the same suites, with a failover in each. */

const pass = (ms: number): Promise<void> => systemClock.sleep(ms);
const folder = scratchFolder();
let cluster: RedisCluster;
let sentinel: RedisSentinel;

beforeAll(async () => {
  [cluster, sentinel] = await Promise.all([startRedisCluster(`${folder.path}/cluster`), startRedisSentinel(`${folder.path}/sentinel`)]);
});

afterAll(async () => {
  await Promise.all([cluster.stop(), sentinel.stop()]);
  folder.remove();
});

const kinds: readonly { readonly name: string; readonly servers: () => RedisServers; readonly kill: () => Promise<() => Promise<void>> }[] =
  [
    {
      name: "Redis Cluster",
      servers: () => ({ url: null, cluster: cluster.nodes.slice(0, 3).map(({ host, port }) => `${host}:${port}`) }),
      kill: async () => {
        const [first] = cluster.nodes;
        await first?.signal("SIGKILL");
        return async () => first?.revive();
      },
    },
    {
      name: "Redis Sentinel",
      servers: () => ({
        url: null,
        sentinel: { addresses: sentinel.sentinels, name: sentinelMaster, username: null, password: null },
      }),
      kill: async () => {
        await sentinel.master.signal("SIGKILL");
        return () => sentinel.master.revive();
      },
    },
  ];

for (const { name, servers, kill } of kinds) {
  const connect = (): RedisConnection => connectRedis({ servers: servers(), prefix: uniqueName("test"), replicas: 1 }, () => undefined);
  const on = <Port>(create: (redis: RedisConnection) => Port) => {
    let redis: RedisConnection | undefined;
    return {
      open: async (): Promise<Port> => {
        redis = connect();
        return create(redis);
      },
      dispose: async () => redis?.close(),
    };
  };

  describeJobs({
    name: `BullMQ on ${name}`,
    shared: true,
    open: (prefix, onError) => createBullmqJobs({ servers: servers(), prefix }, onError),
  });
  describeClaims({ name, pass, ...on(createRedisClaims) });
  describeBuckets({ name, pass, ...on(createRedisBuckets) });
  describeCells({ name, pass, ...on(createRedisCells) });
  describeMessageCache({ name, pass, ...on(createRedisCache) });
  describeTimers({ name, pass, now: Date.now, hints: true, ...on(createRedisTimers) });

  describe(`${name}, with many timers`, () => {
    itFiresManyTimers(name, { listener: true, sweepEveryMs: 250, count: 2_000, withinMs: 10_000, processes: 2 }, async () => {
      const redis = connect();
      const timers = createRedisTimers(redis);
      return { ...timers, close: () => Promise.all([timers.close(), redis.close()]).then(() => undefined) };
    });
  });

  describe(`${name}, a master of which dies`, () => {
    it("keeps every timer, and tells of those that come due on the new master", async () => {
      const redis = connect();
      const timers = createRedisTimers(redis);
      const heard = new Set<string>();
      const ids = Array.from({ length: 200 }, (_, index) => `timer-${index}`);
      const record = { topic: "t", key: "k", value: Buffer.from("v") };
      try {
        await timers.listen((told) => {
          for (const id of told) heard.add(id);
        });
        const dueAtMs = Date.now() + 12_000;
        await timers.schedule(ids.map((id) => ({ id, dueAtMs, record })));
        const revive = await kill();
        try {
          // keys of the new master as well as of the other nodes
          await eventually(
            () => heard.size,
            (count) => count === ids.length,
            60_000,
            100,
          );
          const claimed = await timers.claim(ids, 5_000);
          expect(claimed.map(({ id }) => id).sort()).toEqual([...ids].sort());
          await timers.complete(ids);
          expect(await timers.pending()).toBe(0);
        } finally {
          await revive();
        }
      } finally {
        await timers.close();
        await redis.close();
      }
    });
  });
}
