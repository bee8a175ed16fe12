import { createServer, connect as dial, type Server, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createRedisClaims } from "../../stores/claims/redis-claims.js";
import { connectRedis, type RedisConnection } from "../../stores/redis/connection.js";
import { createRedisTimers } from "../../stores/timers/redis-timers.js";
import { redisWith } from "../servers/redis.js";
import type { RunningServer } from "../servers/server.js";
import { freePort } from "../servers/shell.js";
import { eventually } from "../support/eventually.js";
import { scratchFolder, uniqueName } from "../support/scratch.js";

/**
 * One address in front of two servers, as in managed Redis: a failover moves the address and leaves the old connections open, on a server
 * that is a replica from then on.
 */

const folder = scratchFolder();
let servers: RunningServer[] = [];
let front: Server;
let target = "";
let redis: RedisConnection;
const open = new Set<Socket>();

const portOf = (address: string): number => Number(new URL(address).port);
const replicate = async (address: string, master: string | undefined): Promise<void> => {
  const admin = new Redis(address);
  await (master === undefined ? admin.replicaof("NO", "ONE") : admin.replicaof("127.0.0.1", portOf(master)));
  admin.disconnect();
};

beforeAll(async () => {
  const kind = redisWith(false);
  servers = [await kind.start("", `${folder.path}/a`), await kind.start("", `${folder.path}/b`)];
  const [first, second] = servers.map(({ address }) => address) as [string, string];
  await replicate(second, first);
  target = first;
  const port = await freePort();
  front = createServer((socket) => {
    const upstream = dial(portOf(target), "127.0.0.1");
    for (const one of [socket, upstream]) {
      open.add(one);
      one.on("error", () => undefined).on("close", () => (one === socket ? upstream : socket).destroy());
    }
    socket.pipe(upstream).pipe(socket);
  }).listen(port, "127.0.0.1");
  redis = connectRedis({ servers: { url: `redis://127.0.0.1:${port}` }, prefix: uniqueName("demoted") }, () => undefined);
});

afterAll(async () => {
  await redis.close();
  for (const socket of open) socket.destroy();
  front.close();
  await Promise.all(servers.map((server) => server.stop()));
  folder.remove();
});

describe("a Redis that became a replica behind the same address", () => {
  it("is left for its successor, by commands and by the listener of timers", async () => {
    const [first, second] = servers.map(({ address }) => address) as [string, string];
    const claims = createRedisClaims(redis);
    const timers = createRedisTimers(redis);
    const heard: string[] = [];
    await timers.listen((ids) => heard.push(...ids));
    expect(await claims.claim("before", "me", 1_000, 60_000)).toEqual({ state: "won" });

    await replicate(second, undefined);
    target = second;
    await replicate(first, second);

    const claim = (): Promise<string> => claims.claim("after", "me", 1_000, 60_000).then(({ state }) => state, String);
    await eventually(claim, (state) => state === "won");
    const record = { topic: "t", key: "k", value: Buffer.from("v"), headers: {} };
    let scheduled = 0;
    const fires = async (): Promise<string[]> => {
      scheduled += 1;
      await timers.schedule([{ id: `timer-${scheduled}`, dueAtMs: Date.now(), record }]);
      await sleep(100);
      await timers.wake(10);
      return heard;
    };
    await eventually(fires, ({ length }) => length > 0);
    await timers.close();
  });
});
