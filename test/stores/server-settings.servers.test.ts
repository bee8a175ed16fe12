import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { createBullmqJobs } from "../../stores/jobs/bullmq-jobs.js";
import { connectRedis, type RedisConnection } from "../../stores/redis/connection.js";
import { createServerSettings } from "../../stores/redis/server-settings.js";
import type { ServerSettings } from "../../stores/server-settings.js";
import { redisWith } from "../servers/redis.js";
import type { RunningServer } from "../servers/server.js";
import { scratchFolder } from "../support/scratch.js";

/** A separate server, whose settings an operator changes. */
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
      code: "SERVER_INCOMPATIBLE",
      message: expect.stringContaining("allkeys-lru"),
      fix: expect.stringContaining("noeviction"),
    });
    await operator.config("SET", "maxmemory-policy", "noeviction");
    expect(await settings.storage()).toContain("without an append-only file");
    await operator.config("SET", "appendonly", "yes");
    expect(await settings.storage()).toBe("answers");
  });

  it("has the jobs' library print nothing past the log", async () => {
    await operator.config("SET", "maxmemory-policy", "allkeys-lru");
    const printed = vi.spyOn(console, "warn");
    const failed: unknown[] = [];
    const jobs = createBullmqJobs({ servers: { url: server.address }, prefix: "settings" }, (_name, error) => failed.push(error));
    await jobs.start([{ name: "never", pattern: "0 0 1 1 *", run: async () => undefined }]);
    await jobs.close();
    expect(failed).toEqual([]);
    expect(printed).not.toHaveBeenCalled();
    printed.mockRestore();
    await operator.config("SET", "maxmemory-policy", "noeviction");
  });

  it.each([
    ["6.2.14", false],
    ["7.0.0", true],
    ["10.1.0", true],
  ])("tells whether version %s will do", async (version, does) => {
    const info = vi.spyOn(redis.client as Redis, "info").mockResolvedValue(`redis_version:${version}\r\naof_enabled:1\r\n`);
    const answer = await settings.storage().catch(({ message }: Error) => message);
    expect(answer).toBe(does ? "answers" : `it is Redis ${version}`);
    info.mockRestore();
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
