import { join } from "node:path";
import { type AclEntry, AclOperationTypes, AclPermissionTypes, AclResourceTypes, type Admin, ResourcePatternTypes } from "kafkajs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Consumption, type EventLog, kafkaClients } from "../../stores/event-log/event-log.js";
import { createKafkaLog } from "../../stores/event-log/kafka/kafka-log.js";
import { createKafkajs } from "../../stores/event-log/kafka/kafkajs-client/kafkajs-client.js";
import { type TlsOptions, tlsOptionsOf } from "../../stores/wire/tls.js";
import { makeCertificates } from "../servers/certificates.js";
import { kafka, startBrokers } from "../servers/kafka.js";
import { folderOf } from "../servers/provision.js";
import type { RunningServer } from "../servers/server.js";
import { eventually } from "../support/eventually.js";
import { scratchFolder, uniqueName } from "../support/scratch.js";

const carillon = { username: "carillon", password: "carillon-secret" };
const operator = { username: "operator", password: "operator-secret" };
const folder = scratchFolder();
let broker: RunningServer | undefined;
let tls: TlsOptions | undefined;
let admin: Admin;

beforeAll(async () => {
  const certificates = await makeCertificates(join(folder.path, "certificates"));
  tls = tlsOptionsOf({ enabled: true, serverName: null, ...certificates });
  const security = {
    certificates,
    accounts: [carillon, operator],
    superUsers: [operator.username],
  };
  [broker] = await startBrokers(folderOf(kafka), join(folder.path, "kafka"), 1, { javaOptions: ["-Xmx384m"], security });
  admin = createKafkajs({ brokers: [broker?.address ?? ""], clientId: "operator", tls, sasl: { mechanism: "plain", ...operator } }).admin();
  await admin.connect();
});

afterAll(async () => {
  await admin?.disconnect();
  await broker?.stop();
  folder.remove();
});

/** Denies Carillon's account the reading of a topic or group, until the function that it resolves with is called. */
const deny = async (resourceType: AclResourceTypes, resourceName: string): Promise<() => Promise<unknown>> => {
  const entry: AclEntry = {
    resourceType,
    resourceName,
    resourcePatternType: ResourcePatternTypes.LITERAL,
    principal: `User:${carillon.username}`,
    host: "*",
    operation: AclOperationTypes.READ,
    permissionType: AclPermissionTypes.DENY,
  };
  await admin.createAcls({ acl: [entry] });
  return () => admin.deleteAcls({ filters: [entry] });
};

for (const client of kafkaClients) {
  describe(`consumers by ${client} whose account loses a right`, () => {
    const [topic, group] = [uniqueName("topic"), uniqueName("group")];
    const seen: string[] = [];
    let log: EventLog;
    let consumption: Consumption;
    beforeAll(async () => {
      log = createKafkaLog({
        client,
        brokers: [broker?.address ?? ""],
        clientId: "test",
        sessionTimeoutMs: 6_000,
        lingerMs: 2,
        replicationFactor: 1,
        tls,
        sasl: { mechanism: "plain", ...carillon },
      });
      await log.ensureTopics([{ topic, partitions: 2, retentionMs: -1 }]);
      consumption = await log.consume({
        group,
        topic,
        consumers: 2,
        guarantee: "at_least_once",
        maxBatchRecords: 10,
        onError: () => undefined,
        onBatch: async ({ records, commit }) => {
          seen.push(...records.map(({ value }) => value?.toString() ?? ""));
          await commit((records.at(-1)?.offset ?? 0) + 1, []);
        },
      });
      await eventually(
        () => consumption.living(),
        (living) => living === 2,
        40_000,
      );
    });
    afterAll(async () => {
      await log?.close();
    });

    it.each([
      ["the topic", AclResourceTypes.TOPIC, topic],
      ["the group", AclResourceTypes.GROUP, group],
    ])("say so, and go on by themselves once they have it back: %s", async (what, type, name) => {
      const allow = await deny(type, name);
      await eventually(
        () => consumption.living(),
        (living) => living === 0,
        60_000,
      );
      expect(consumption.trouble()).toMatchObject({ code: "KAFKA_DENIED", message: expect.stringMatching(/authori[sz]/i) });
      await allow();
      await eventually(
        () => consumption.living(),
        (living) => living === 2,
        60_000,
      );
      expect(consumption.trouble()).toBeUndefined();
      await log.append([{ topic, key: what, value: Buffer.from(what) }]);
      await eventually(
        () => seen,
        (values) => values.includes(what),
        30_000,
      );
    });
  });
}
