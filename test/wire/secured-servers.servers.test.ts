import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { createLogger } from "../../operations/telemetry/logger.js";
import { type Carillon, startCarillon } from "../../service/carillon.js";
import { loadConfig } from "../../service/load-config.js";
import { createAccepter } from "../../sources/accepter.js";
import { createRedisClaims } from "../../stores/claims/redis-claims.js";
import { systemClock } from "../../stores/clock.js";
import { kafkaClients } from "../../stores/event-log/event-log.js";
import { createKafkaLog, type KafkaLogOptions } from "../../stores/event-log/kafka/kafka-log.js";
import type { Sasl } from "../../stores/event-log/kafka/kafka-security.js";
import { createMongoLineage } from "../../stores/lineage-store/mongo/mongo-lineage.js";
import { connectRedis } from "../../stores/redis/connection.js";
import { createConfluentRegistry } from "../../stores/schema-registry/confluent-registry.js";
import { createRedisTimers } from "../../stores/timers/redis-timers.js";
import { createTokenSource } from "../../wire/access-token.js";
import { type TlsOptions, tlsOptionsOf } from "../../wire/tls.js";
import { type Certificates, makeCertificates } from "../servers/certificates.js";
import { kafka, startBrokers } from "../servers/kafka.js";
import { mongoWith } from "../servers/mongo.js";
import { folderOf } from "../servers/provision.js";
import { leastRights, startSecureRedis } from "../servers/redis.js";
import { eventually } from "../support/eventually.js";
import { startGuardedProxy } from "../support/guarded-proxy.js";
import { checkedMessage } from "../support/requests.js";
import { scratchFolder, uniqueName } from "../support/scratch.js";
import { serverAddress } from "../support/servers.js";
import { startTokenServer } from "../support/token-server.js";

/** Every server accepts only encrypted connections, with a client certificate and an account. */

const account = { username: "carillon", password: "carillon-secret" };
const tokens = { clientId: "carillon", secret: "token-secret" };
const redisPrefix = "wire";
const folder = scratchFolder();
const stops: (() => Promise<unknown>)[] = [];
let certificates: Certificates;
let stranger: Certificates;
let broker = "";
let redisUrl = "";
let mongoUrl = "";
let registryUrl = "";
let tokenUrl = "";

const tlsOf = (given: Certificates): TlsOptions => tlsOptionsOf({ enabled: true, serverName: null, ...given }) ?? {};
/** Signed by no authority that the servers trust. */
const foreign = (): TlsOptions => tlsOf({ ...stranger, caFile: certificates.caFile });

beforeAll(async () => {
  certificates = await makeCertificates(join(folder.path, "certificates"));
  stranger = await makeCertificates(join(folder.path, "stranger"));
  const tokenServer = await startTokenServer(tokens, "kafka");
  stops.push(tokenServer.stop);
  ({ tokenUrl } = tokenServer);
  const security = { certificates, accounts: [account], tokens: { keysUrl: tokenServer.keysUrl, audience: "kafka" } };
  const mongo = mongoWith(certificates);
  const [[kafkaServer], redis, mongoServer, registry] = await Promise.all([
    startBrokers(folderOf(kafka), join(folder.path, "kafka"), 1, { javaOptions: ["-Xmx512m"], security }),
    startSecureRedis(join(folder.path, "redis"), certificates, account, leastRights(redisPrefix)),
    mongo.start(folderOf(mongo), join(folder.path, "mongo")),
    startGuardedProxy(serverAddress("REGISTRY"), certificates, account),
  ]);
  if (!kafkaServer) throw new Error("no broker");
  stops.push(kafkaServer.stop, redis.stop, mongoServer.stop, registry.stop);
  broker = kafkaServer.address;
  redisUrl = redis.address;
  mongoUrl = mongoServer.address;
  registryUrl = registry.url;
});

afterAll(async () => {
  await Promise.all(stops.map((stop) => stop()));
  folder.remove();
});

const logWith = (options: Partial<KafkaLogOptions>) =>
  createKafkaLog({
    client: "kafkajs",
    brokers: [broker],
    clientId: "test",
    sessionTimeoutMs: 10_000,
    lingerMs: 2,
    replicationFactor: 1,
    tls: tlsOf(certificates),
    ...options,
  });

const saslOf = (mechanism: Sasl["mechanism"], secrets = { password: account.password, secret: tokens.secret }): Sasl =>
  mechanism === "oauthbearer"
    ? { mechanism, token: createTokenSource({ tokenUrl, clientId: tokens.clientId, secret: secrets.secret, scope: null }) }
    : { mechanism, username: account.username, password: secrets.password };

const mechanisms = ["plain", "scram-sha-256", "scram-sha-512", "oauthbearer"] as const;

describe("Kafka by TLS and SASL", () => {
  for (const client of kafkaClients) {
    it.each(mechanisms)(`moves records by ${client} and %s, in a transaction, too`, async (mechanism) => {
      const log = logWith({ client, sasl: saslOf(mechanism) });
      const [topic, copy] = [uniqueName("in"), uniqueName("out")];
      try {
        await log.ensureTopics([topic, copy].map((name) => ({ topic: name, partitions: 1, retentionMs: -1 })));
        await log.append([{ topic, key: "k", value: Buffer.from("Hello") }]);
        await log.consume({
          group: uniqueName("group"),
          topic,
          consumers: 1,
          guarantee: "exactly_once",
          maxBatchRecords: 10,
          onBatch: ({ records, commit }) =>
            commit(
              (records.at(-1)?.offset ?? 0) + 1,
              records.map(({ key, value }) => ({ topic: copy, key, value })),
            ),
          onError: () => undefined,
        });
        const [record] = await eventually(
          () => log.scan(copy, 10),
          ({ length }) => length > 0,
          30_000,
          200,
        );
        expect(record?.value?.toString()).toBe("Hello");
      } finally {
        await log.close();
      }
    });
  }

  it.each(mechanisms)("refuses a wrong secret by %s, and says so", async (mechanism) => {
    const log = logWith({ sasl: saslOf(mechanism, { password: "wrong", secret: "wrong" }) });
    try {
      await expect(log.ensureTopics([{ topic: "never", partitions: 1, retentionMs: -1 }])).rejects.toMatchObject({
        // with a wrong secret the token server refuses before the broker is called
        code: mechanism === "oauthbearer" ? "UNAVAILABLE" : "KAFKA_DENIED",
        message: expect.stringMatching(/authenticat|token server|invalid_client|SASL/i),
      });
    } finally {
      await log.close();
    }
  });

  it.each([
    ["a certificate of a stranger", foreign],
    ["an authority that does not vouch for the server", () => tlsOf({ ...certificates, caFile: stranger.caFile })],
    ["no encryption", () => undefined],
  ])("refuses %s", async (_what, tls) => {
    const log = logWith({ sasl: saslOf("plain"), tls: tls() });
    try {
      await expect(log.ensureTopics([{ topic: "never", partitions: 1, retentionMs: -1 }])).rejects.toMatchObject({ code: "UNAVAILABLE" });
    } finally {
      await log.close();
    }
  });
});

describe("Redis by TLS and an account of its own", () => {
  const connect = (overrides: { username?: string; password?: string; tls?: TlsOptions | undefined; prefix?: string } = {}) =>
    connectRedis(
      { servers: { url: redisUrl, ...account, tls: tlsOf(certificates), ...overrides }, prefix: overrides.prefix ?? redisPrefix },
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
          return foreign();
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
    const { username, password } = new URL(mongoUrl);
    const url = mongoUrl.replace(`${username}:${password}@`, "");
    return createMongoLineage({ url, username, password, tls: tlsOf(certificates), database: uniqueName("wire"), ...overrides });
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
          return foreign();
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
    const registry = createConfluentRegistry({ url: registryUrl, ...account, tls: tlsOf(certificates) });
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
          return foreign();
        },
      },
    ],
  ])("refuses %s", async (_what, overrides) => {
    const registry = createConfluentRegistry({ url: registryUrl, ...account, tls: tlsOf(certificates), ...overrides });
    await expect(registry.register("never", schema)).rejects.toMatchObject({ code: "UNAVAILABLE" });
    await registry.close();
  });
});

describe("Carillon on servers that are all secured", () => {
  it("delivers, with its secrets from files", async () => {
    const secretFile = join(folder.path, "secret");
    const tokenFile = join(folder.path, "token");
    writeFileSync(secretFile, `${account.password}\n`);
    writeFileSync(tokenFile, `${tokens.secret}\n`);
    const { username, password } = new URL(mongoUrl);
    writeFileSync(join(folder.path, "mongo-secret"), password);
    const tls = { enabled: true, ...certificates };
    const file = join(folder.path, "carillon.yaml");
    const settings = {
      profile: "cluster",
      http: { enabled: false },
      topics: { prefix: uniqueName("wire"), replicationFactor: 1 },
      kafka: {
        brokers: [broker],
        tls,
        sasl: { mechanism: "oauthbearer", tokenUrl, clientId: tokens.clientId, secret: `\${file:${tokenFile}}` },
      },
      redis: { url: redisUrl, prefix: redisPrefix, username: account.username, password: `\${file:${secretFile}}`, tls },
      mongo: {
        url: mongoUrl.replace(`${username}:${password}@`, ""),
        username,
        password: `\${file:${join(folder.path, "mongo-secret")}}`,
        database: uniqueName("wire"),
        tls,
      },
      registry: { url: registryUrl, username: account.username, password: `\${file:${secretFile}}`, tls },
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
