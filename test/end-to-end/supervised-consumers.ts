import { join } from "node:path";
import { crc32c } from "@platformatic/kafka";
import { type AclEntry, AclOperationTypes, AclPermissionTypes, AclResourceTypes, ResourcePatternTypes } from "kafkajs";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { deadLettersOf } from "../../operations/dead-letters/delivery-letters.js";
import { callbacksOf } from "../../sources/callbacks.js";
import { systemClock } from "../../stores/clock.js";
import type { KafkaClientName } from "../../stores/event-log/event-log.js";
import { createKafkajs } from "../../stores/event-log/kafka/kafkajs-client/kafkajs-producer.js";
import { kafka, startBrokers } from "../servers/kafka.js";
import { folderOf } from "../servers/provision.js";
import { eventually } from "../support/eventually.js";
import { type BrokerFaults, FaultyBroker } from "../support/faulty-broker.js";
import { answerJson, type HttpPeer, startHttpPeer } from "../support/http-peer.js";
import { readMetrics } from "../support/metrics.js";
import { batchOf } from "../support/record-batch.js";
import { scratchFolder } from "../support/scratch.js";
import { type Delivery, startDelivery } from "./harness.js";

const account = { username: "carillon", password: "carillon-secret" };
const operator = { username: "operator", password: "operator-secret" };
const secretIn = (variable: string): string => `\${env:${variable}}`;

/** A broker with accounts and permissions, behind a proxy that alters its answers, and a tenant's webhook. */
const startServers = async () => {
  const folder = scratchFolder();
  const faulty = new FaultyBroker();
  await faulty.listen();
  const security = { accounts: [account, operator], superUsers: [operator.username] };
  const options = { javaOptions: ["-Xmx384m"], security, advertisedPort: faulty.port };
  const [broker] = await startBrokers(folderOf(kafka), join(folder.path, "kafka"), 1, options);
  const [host = "", port] = (broker?.address ?? "").split(":");
  faulty.passTo(host, Number(port));
  const address = `127.0.0.1:${faulty.port}`;
  const operators = createKafkajs({ brokers: [address], clientId: "operator", sasl: { mechanism: "plain", ...operator } });
  const hook = await startHttpPeer(answerJson(200, {}));
  const stop = async (): Promise<void> => {
    await hook.stop();
    await broker?.stop();
    folder.remove();
  };
  return { faulty, address, operators, hook, stop };
};

type Servers = Awaited<ReturnType<typeof startServers>>;

const startWorker = (client: KafkaClientName, { address, hook }: Servers): Promise<Delivery> => {
  process.env.CARILLON_TEST_KAFKA_PASSWORD = account.password;
  process.env.CARILLON_TEST_HOOK_SECRET = `whsec_${Buffer.from("a secret of the webhook's own").toString("base64")}`;
  const sasl = { ...account, mechanism: "plain", password: secretIn("CARILLON_TEST_KAFKA_PASSWORD") };
  return startDelivery({
    profile: "cluster",
    guarantee: "at_least_once",
    processes: 1,
    client,
    config: {
      kafka: { client, brokers: [address], sessionTimeoutMs: 6_000, sasl },
      channels: { push: { receiptDeadlineMs: 600_000 } },
      webhooks: {
        tenants: { local: { url: `${hook.url}/hook`, secret: secretIn("CARILLON_TEST_HOOK_SECRET") } },
        allowAddresses: ["127.0.0.0/8"],
      },
    },
  });
};

/** The number of missing consumers of each queue, as in the alert CarillonConsumersDown. */
const missingOf = async ({ urls }: Delivery): Promise<Map<string, number>> => {
  const samples = await readMetrics(urls[0] ?? "");
  const sampleOf = (name: string, queue: string): number =>
    samples.find((sample) => sample.name === name && sample.labels.queue === queue)?.value ?? 0;
  const queues = samples.filter(({ name }) => name === "carillon_consumers_configured").map(({ labels }) => labels.queue ?? "");
  return new Map(queues.map((queue) => [queue, sampleOf("carillon_consumers_configured", queue) - sampleOf("carillon_consumers", queue)]));
};

const readiness = async ({ urls }: Delivery): Promise<{ status: number; body: string }> => {
  const answer = await fetch(`${urls[0]}/readyz`, { signal: AbortSignal.timeout(20_000) });
  return { status: answer.status, body: await answer.text() };
};

const allLive = async (delivery: Delivery): Promise<void> => {
  await eventually(
    () => missingOf(delivery),
    (missing) => missing.size > 0 && [...missing.values()].every((count) => count === 0),
    90_000,
    250,
  );
  await eventually(
    () => readiness(delivery),
    ({ status }) => status === 200,
    30_000,
    250,
  );
};

/** Waits until no queue has all its consumers, and the public status gives the reason for each queue. */
const allDown = async (delivery: Delivery, code: string): Promise<void> => {
  const missing = await eventually(
    () => missingOf(delivery),
    (counts) => counts.size > 0 && [...counts.values()].every((count) => count > 0),
    60_000,
    250,
  );
  await eventually(
    () => readiness(delivery),
    ({ status, body }) => status === 503 && [...missing.keys()].every((queue) => body.includes(`${queue} (${code}`)),
    60_000,
    250,
  );
};

const kinds = [
  { channel: "email", to: "flaky@sandbox.carillon.test", content: { subject: "Hi", text: "Hi" } },
  { channel: "sms", to: "+14155550100", content: { text: "Hi" } },
  { channel: "push", to: "device-success", content: { title: "Hi", text: "Hi" } },
] as const;

/** Sends one message per channel and lane, so that each queue has work. */
const sendAll = (delivery: Delivery): Promise<string[]> => {
  const lanes = ["critical", "high", "normal", "bulk"] as const;
  return Promise.all(kinds.flatMap((kind) => lanes.map((lane) => delivery.send({ ...kind, lane }))));
};

const allDelivered = async (delivery: Delivery, hook: HttpPeer, ids: readonly string[]): Promise<void> => {
  for (const id of ids) expect((await delivery.final(id, 90_000)).status).toBe("delivered");
  const told = (): Set<string> =>
    new Set(hook.calls.map(({ body }) => (JSON.parse(body) as { data?: { messageId?: string } }).data?.messageId ?? ""));
  await eventually(told, (messages) => ids.every((id) => messages.has(id)), 60_000);
};

const mark = "poison in ";

/** Batches with an error that the broker did not detect, as after a disk fault, or from a producer newer than its readers. */
const poisons: Readonly<Record<string, (batch: Buffer) => Buffer>> = {
  "a codec that nobody knows": (batch) => {
    batch.writeInt16BE(7, 21);
    return sealed(batch);
  },
  "a count of records that is wrong": (batch) => {
    batch.writeInt32BE(1_000, 57);
    return sealed(batch);
  },
  "a wrong checksum": (batch) => {
    batch.writeUInt8(batch.readUInt8(batch.length - 1) ^ 1, batch.length - 1);
    return batch;
  },
  "headers without value or name": (batch) => {
    const value = Buffer.from(/poison in [^;]+;/.exec(batch.toString("latin1"))?.[0] ?? "");
    for (let more = 0; ; more += 1) {
      const padded = Buffer.concat([value, Buffer.alloc(more, " ")]);
      const made = batchOf([
        {
          key: null,
          value: padded,
          headers: [
            ["none", null],
            [null, null],
            ["", Buffer.alloc(0)],
            ["none", null],
          ],
        },
      ]);
      if (made.length < batch.length) continue;
      batch.copy(made, 0, 0, 8);
      batch.copy(made, 12, 12, 16);
      return made;
    }
  },
};

const sealed = (batch: Buffer): Buffer => {
  batch.writeUInt32BE(crc32c(batch.subarray(21)), 17);
  return batch;
};

/** The texts in the corrupted batches. */
const spoilt = new Set<string>();

/** Corrupts the marked batches and leaves the others unchanged. */
const poisoned = (batches: Buffer): Buffer => {
  for (let at = 0; at + 12 <= batches.length; at += 12 + batches.readInt32BE(at + 8)) {
    const batch = batches.subarray(at, at + 12 + batches.readInt32BE(at + 8));
    const isWhole = batch.length === 12 + batch.readInt32BE(8);
    const said = /poison in [^;]+;/.exec(batch.toString("latin1"))?.[0];
    const [, spoil] = Object.entries(poisons).find(([poison]) => batch.includes(`: ${poison};`)) ?? [];
    if (!isWhole || !spoil || said === undefined) continue;
    spoil(Buffer.from(batch)).copy(batch);
    spoilt.add(said);
  }
  return batches;
};

/** An error of each class, in every answer that it is possible in: https://kafka.apache.org/protocol, Error Codes. */
const brokerErrors: readonly BrokerFaults[] = [
  { errors: { Heartbeat: 16, JoinGroup: 16, SyncGroup: 16 } }, // NOT_COORDINATOR
  { errors: { Heartbeat: 22, JoinGroup: 25, SyncGroup: 25 } }, // ILLEGAL_GENERATION, UNKNOWN_MEMBER_ID
  { errors: { Heartbeat: 82, JoinGroup: 82, SyncGroup: 82 } }, // FENCED_INSTANCE_ID
  { errors: { Heartbeat: 30, JoinGroup: 30, SyncGroup: 30 } }, // GROUP_AUTHORIZATION_FAILED
  { errors: { Heartbeat: 35, JoinGroup: 35, SyncGroup: 35, Fetch: 35 } }, // UNSUPPORTED_VERSION
  { errors: { Heartbeat: -1, JoinGroup: -1, SyncGroup: -1, Fetch: -1 } }, // UNKNOWN_SERVER_ERROR
  { errors: { Heartbeat: 9_999, JoinGroup: 9_999, SyncGroup: 9_999, Fetch: 9_999 } }, // no client supports it
];

/** Errors of partitions, whose consumers may meanwhile stay in their group. */
const partitionErrors: readonly BrokerFaults[] = [
  { partitionError: 6 }, // NOT_LEADER_OR_FOLLOWER
  { partitionError: 2 }, // CORRUPT_MESSAGE
  { partitionError: 56 }, // KAFKA_STORAGE_ERROR
  { partitionError: 1 }, // OFFSET_OUT_OF_RANGE
  { partitionError: 29 }, // TOPIC_AUTHORIZATION_FAILED
];

export const describeSupervisedConsumers = (client: KafkaClientName): void => {
  describe(`every consumer of a worker by ${client}`, () => {
    let servers: Servers;
    let delivery: Delivery;
    beforeAll(async () => {
      servers = await startServers();
      delivery = await startWorker(client, servers);
      await allLive(delivery);
    });
    afterEach(() => servers.faulty.heal());
    afterAll(async () => {
      // a worker stops cleanly although no broker answers
      await servers.faulty.cut();
      try {
        await delivery?.stop();
      } finally {
        await servers.stop();
      }
    });

    const queues = async (): Promise<string[]> => [...(await missingOf(delivery)).keys()];
    const topicOf = (queue: string): string => `${delivery.config.topics.prefix}.${queue.split("/")[1]}`;

    it("comes back when it was killed with its connections, and is counted out meanwhile", async () => {
      const before = await sendAll(delivery);
      await servers.faulty.cut();
      try {
        await allDown(delivery, "UNAVAILABLE)");
      } finally {
        await servers.faulty.listen();
      }
      await allLive(delivery);
      await allDelivered(delivery, servers.hook, [...before, ...(await sendAll(delivery))]);
    });

    it.each([
      ["topics", AclResourceTypes.TOPIC],
      ["groups", AclResourceTypes.GROUP],
    ])("comes back when it was starved of its right to read its %s, and says so meanwhile", async (_what, resourceType) => {
      const entry = (operation: AclOperationTypes, permissionType: AclPermissionTypes): AclEntry => ({
        resourceType,
        resourceName: `${delivery.config.topics.prefix}.`,
        resourcePatternType: ResourcePatternTypes.PREFIXED,
        principal: `User:${account.username}`,
        host: "*",
        operation,
        permissionType,
      });
      // with only one entry a topic would be closed to everyone else and for everything else
      const acl = [entry(AclOperationTypes.ALL, AclPermissionTypes.ALLOW), entry(AclOperationTypes.READ, AclPermissionTypes.DENY)];
      const admin = servers.operators.admin();
      await admin.connect();
      try {
        await admin.createAcls({ acl });
        const ids = await sendAll(delivery);
        await allDown(delivery, "KAFKA_DENIED)");
        await admin.deleteAcls({ filters: acl });
        await allLive(delivery);
        await allDelivered(delivery, servers.hook, ids);
      } finally {
        await admin.deleteAcls({ filters: acl });
        await admin.disconnect();
      }
    });

    it("goes on behind batches that cannot be read, which are in dead letters", async () => {
      servers.faulty.spoil({ batches: poisoned });
      const { config, stores, assembly } = delivery;
      const all = (await queues()).flatMap((queue) =>
        Object.keys(poisons).map((poison) => ({ topic: topicOf(queue), text: `${mark}${queue}: ${poison};` })),
      );
      const producer = servers.operators.producer();
      await producer.connect();
      for (const { topic, text } of all)
        await producer.send({ topic, messages: [{ key: null, value: text.padEnd(400), headers: { some: "header" } }] });
      await producer.disconnect();
      await eventually(
        () => all.filter(({ text }) => !spoilt.has(text)),
        (left) => left.length === 0,
        60_000,
      );
      servers.faulty.heal(); // records in dead letters contain the mark as well
      const letters = deadLettersOf(config, stores, assembly, callbacksOf(config, assembly), systemClock);
      const missing = async (): Promise<string[]> => {
        const kept = await letters.list({}, 1_000);
        const isKept = ({ topic, text }: (typeof all)[number]): boolean =>
          kept.some(({ letter }) => letter.topic === topic && letter.value?.includes(text));
        return all.filter((one) => !isKept(one)).map(({ text }) => text);
      };
      await eventually(missing, (texts) => texts.length === 0, 60_000, 500);
      await allLive(delivery);
      await allDelivered(delivery, servers.hook, await sendAll(delivery));
    });

    it("comes back after broker errors of every class, and is counted out meanwhile", async () => {
      servers.faulty.spoil(...brokerErrors);
      const ids = await sendAll(delivery);
      await allDown(delivery, "");
      await eventually(
        () => servers.faulty.struck,
        (struck) => struck.size === brokerErrors.length,
        60_000,
      );
      servers.faulty.heal();
      await allLive(delivery);
      await allDelivered(delivery, servers.hook, ids);
    });

    it("goes on after errors of its partitions", async () => {
      servers.faulty.spoil(...partitionErrors);
      const ids = await sendAll(delivery);
      await eventually(
        () => servers.faulty.struck,
        (struck) => partitionErrors.every((faults) => (struck.get(faults) ?? 0) >= 2),
        60_000,
      );
      servers.faulty.heal();
      await allLive(delivery);
      await allDelivered(delivery, servers.hook, ids);
    });
  });
};
