import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connectRedis, type RedisConnection } from "../../stores/redis/connection.js";
import { createServerSettings, type ServerSettings } from "../../stores/redis/server-settings.js";
import { redisWith } from "../servers/redis.js";
import type { RunningServer } from "../servers/server.js";
import { scratchFolder } from "../support/scratch.js";

/** A server of its own, whose settings an operator changes. */
const folder = scratchFolder();
let server: RunningServer;
let operator: Redis;
let redis: RedisConnection;
let settings: ServerSettings;

beforeAll(async () => {
  server = await redisWith(false).start("", folder.path);
  operator = new Redis(server.address);
  redis = connectRedis({ servers: { url: server.address }, prefix: "settings" }, () => undefined);
  settings = createServerSettings(redis);
});

afterAll(async () => {
  operator.disconnect();
  await redis.close();
  await server.stop();
  folder.remove();
});

describe("what the doctor reads of Redis", () => {
  it("names an eviction policy that would remove claims and timers", async () => {
    await operator.config("SET", "maxmemory-policy", "allkeys-lru");
    await expect(settings.storage()).rejects.toMatchObject({
      code: "CONFIG_INVALID",
      message: expect.stringContaining("allkeys-lru"),
      fix: expect.stringContaining("noeviction"),
    });
    await operator.config("SET", "maxmemory-policy", "noeviction");
    expect(await settings.storage()).toContain("without an append-only file");
    await operator.config("SET", "appendonly", "yes");
    expect(await settings.storage()).toBe("answers");
  });

  it("names a replica", async () => {
    await operator.replicaof("127.0.0.1", 1);
    await expect(settings.storage()).rejects.toMatchObject({ message: expect.stringContaining("replica") });
    await operator.replicaof("NO", "ONE");
  });

  it("sees whether expiry events are sent, and leaves that as it is", async () => {
    for (const [flags, sent] of [
      ["", false],
      ["E", false],
      ["Kx", false],
      ["Ex", true],
      ["EA", true],
    ] as const) {
      await operator.config("SET", "notify-keyspace-events", flags);
      const before = await operator.config("GET", "notify-keyspace-events");
      expect(await settings.sendsExpiries()).toBe(sent);
      expect(await operator.config("GET", "notify-keyspace-events")).toEqual(before);
    }
  });
});
