import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { createLogger } from "../../operations/telemetry/logger.js";
import { type Carillon, startCarillon } from "../../service/carillon.js";
import { loadConfig } from "../../service/load-config.js";
import { createAccepter } from "../../sources/accepter.js";
import { createRedisClaims } from "../../stores/claims/redis-claims.js";
import { systemClock } from "../../stores/clock.js";
import { createMongoLineage } from "../../stores/lineage-store/mongo/mongo-lineage.js";
import { connectRedis } from "../../stores/redis/connection.js";
import { createConfluentRegistry } from "../../stores/schema-registry/confluent-registry.js";
import { createRedisTimers } from "../../stores/timers/redis-timers.js";
import type { TlsOptions } from "../../wire/tls.js";
import { eventually } from "../support/eventually.js";
import { checkedMessage } from "../support/requests.js";
import { uniqueName } from "../support/scratch.js";
import { describeSecuredKafka } from "./secured-kafka.js";
import { account, redisPrefix, setUpSecuredServers, tokens } from "./secured-servers.js";

/** Every server accepts only encrypted connections, with a client certificate and an account. */

const servers = setUpSecuredServers();

describeSecuredKafka(servers);

describe("Redis by TLS and an account of its own", () => {
  const connect = (overrides: { username?: string; password?: string; tls?: TlsOptions | undefined; prefix?: string } = {}) =>
    connectRedis(
      { servers: { url: servers.redisUrl, ...account, tls: servers.tls(), ...overrides }, prefix: overrides.prefix ?? redisPrefix },
      () => undefined,
    );

  it("keeps claims, and tells of timers that come due", async () => {
    const redis = connect();
    const timers = createRedisTimers(redis);
    try {
      expect(await createRedisClaims(redis).claim(uniqueName("claim"), "me", 1_000, 10_000)).toEqual({ state: "won" });
      const heard: string[] = [];
      await timers.listen((ids) => heard.push(...ids));
      const id = uniqueName("timer");
      await timers.schedule([{ id, dueAtMs: Date.now() + 200, record: { topic: "t", key: "k", value: Buffer.from("v") } }]);
      await eventually(
        () => heard,
        (ids) => ids.includes(id),
      );
      await timers.complete((await timers.claim([id], 1_000)).map((timer) => timer.id));
      expect(await timers.pending()).toBe(0);
    } finally {
      await timers.close();
      await redis.close();
    }
  });

  it.each([
    ["a wrong password", { password: "wrong" }],
    ["keys of others", { prefix: "others" }],
    [
      "a certificate of a stranger",
      {
        get tls() {
          return servers.foreignTls();
        },
      },
    ],
    ["no encryption", { tls: undefined }],
  ])("refuses %s", async (_what, overrides) => {
    const redis = connect(overrides);
    try {
      await expect(createRedisClaims(redis).claim("claim", "me", 1_000, 10_000)).rejects.toMatchObject({ code: "UNAVAILABLE" });
    } finally {
      redis.client.disconnect();
    }
  });
});

describe("MongoDB by TLS and SCRAM", () => {
  const open = (overrides: { password?: string; tls?: TlsOptions | undefined } = {}) => {
    const { username, password } = new URL(servers.mongoUrl);
    const url = servers.mongoUrl.replace(`${username}:${password}@`, "");
    return createMongoLineage({ url, username, password, tls: servers.tls(), database: uniqueName("wire"), ...overrides });
  };

  it("answers", async () => {
    const lineage = open();
    await lineage.prepare();
    expect(await lineage.count("messages_email", {})).toBe(0);
    await lineage.close();
  });

  it.each([
    ["a wrong password", { password: "wrong" }],
    [
      "a certificate of a stranger",
      {
        get tls() {
          return servers.foreignTls();
        },
      },
    ],
    ["no encryption", { tls: undefined }],
  ])("refuses %s", async (_what, overrides) => {
    const lineage = open(overrides);
    await expect(lineage.count("messages_email", {})).rejects.toMatchObject({ code: "UNAVAILABLE" });
    await lineage.close();
  });
});

describe("a schema registry by TLS and an account", () => {
  const schema = { type: "record", name: "Wire", namespace: "test", fields: [{ name: "a", type: "string" }] };

  it("registers, and gives back", async () => {
    const registry = createConfluentRegistry({ url: servers.registryUrl, ...account, tls: servers.tls() });
    const id = await registry.register(uniqueName("subject"), schema);
    expect(await registry.schema(id)).toMatchObject({ fields: [{ name: "a" }] });
    await registry.close();
  });

  it.each([
    ["a wrong password", { password: "wrong" }],
    [
      "a certificate of a stranger",
      {
        get tls() {
          return servers.foreignTls();
        },
      },
    ],
  ])("refuses %s", async (_what, overrides) => {
    const registry = createConfluentRegistry({ url: servers.registryUrl, ...account, tls: servers.tls(), ...overrides });
    await expect(registry.register("never", schema)).rejects.toMatchObject({ code: "UNAVAILABLE" });
    await registry.close();
  });
});

describe("Carillon on servers that are all secured", () => {
  it("delivers, with its secrets from files", async () => {
    const secretFile = join(servers.folder, "secret");
    const tokenFile = join(servers.folder, "token");
    writeFileSync(secretFile, `${account.password}\n`);
    writeFileSync(tokenFile, `${tokens.secret}\n`);
    const { username, password } = new URL(servers.mongoUrl);
    writeFileSync(join(servers.folder, "mongo-secret"), password);
    const tls = { enabled: true, ...servers.certificates };
    const file = join(servers.folder, "carillon.yaml");
    const settings = {
      profile: "cluster",
      http: { enabled: false },
      topics: { prefix: uniqueName("wire"), replicationFactor: 1 },
      kafka: {
        brokers: [servers.broker],
        tls,
        sasl: { mechanism: "oauthbearer", tokenUrl: servers.tokenUrl, clientId: tokens.clientId, secret: `\${file:${tokenFile}}` },
      },
      redis: { url: servers.redisUrl, prefix: redisPrefix, username: account.username, password: `\${file:${secretFile}}`, tls },
      mongo: {
        url: servers.mongoUrl.replace(`${username}:${password}@`, ""),
        username,
        password: `\${file:${join(servers.folder, "mongo-secret")}}`,
        database: uniqueName("wire"),
        tls,
      },
      registry: { url: servers.registryUrl, username: account.username, password: `\${file:${secretFile}}`, tls },
      channels: { sms: { retry: { baseMs: 200 } } },
    };
    writeFileSync(file, stringify(settings));
    const config = loadConfig({ file, environment: {} });
    let carillon: Carillon | undefined;
    try {
      carillon = await startCarillon({ config, logger: createLogger("error", "wire") });
      const { stores, assembly } = carillon;
      const accepter = createAccepter(assembly, "command line", stores.log, systemClock);
      // fails twice, so that timers are used
      const [message] = await accepter.accept(
        [checkedMessage({ channel: "sms", lane: "critical", to: "+14155550102", content: { text: "Hi" } })],
        "acme",
      );
      const document = await eventually(
        () => stores.lineage.find(message?.id ?? ""),
        (found) => found?.final === true,
        60_000,
        200,
      );
      expect(document).toMatchObject({ status: "delivered", attempts: 3 });
    } finally {
      await carillon?.stop();
    }
  });
});
