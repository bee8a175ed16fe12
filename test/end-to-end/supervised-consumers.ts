import { type AclEntry, AclOperationTypes, AclPermissionTypes, AclResourceTypes, ResourcePatternTypes } from "kafkajs";
import { afterAll, afterEach, beforeAll, describe, it } from "vitest";
import { deadLettersOf } from "../../operations/dead-letters/delivery-letters.js";
import { callbacksOf } from "../../sources/callbacks.js";
import { systemClock } from "../../stores/clock.js";
import type { KafkaClientName } from "../../stores/event-log/event-log.js";
import { eventually } from "../support/eventually.js";
import type { BrokerFaults } from "../support/faulty-broker.js";
import type { Delivery } from "./harness.js";
import { createPoisoner, poisons, poisonText } from "./poisoned-batches.js";
import {
  account,
  allDelivered,
  allDown,
  allLive,
  missingOf,
  type Servers,
  sendAll,
  startServers,
  startWorker,
} from "./supervised-worker.js";

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
      const { poisoned, spoilt } = createPoisoner();
      servers.faulty.spoil({ batches: poisoned });
      const { config, stores, assembly } = delivery;
      const all = (await queues()).flatMap((queue) =>
        Object.keys(poisons).map((poison) => ({ topic: topicOf(queue), text: poisonText(queue, poison) })),
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
