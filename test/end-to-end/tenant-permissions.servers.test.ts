import { chmodSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { AclOperationTypes, AclPermissionTypes, AclResourceTypes, type Kafka, ResourcePatternTypes } from "kafkajs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CarillonClient, createKafkaClient } from "../../client/index.js";
import { createKafkajs } from "../../stores/event-log/kafka/kafkajs-client/kafkajs-producer.js";
import { kafka, startBrokers } from "../servers/kafka.js";
import { folderOf } from "../servers/provision.js";
import { runCommand } from "../servers/shell.js";
import { scratchFolder } from "../support/scratch.js";
import { serverAddress } from "../support/servers.js";
import { type Delivery, startDelivery } from "./harness.js";

const script = fileURLToPath(new URL("../../examples/11-tenant-with-kafka-access/permissions.sh", import.meta.url));
const accountOf = (username: string) => ({ username, password: `${username}-secret` });
const [carillon, shop] = [accountOf("carillon"), accountOf("shop")];
const sms = { channel: "sms", to: "+14155550100", content: { text: "Hi" } } as const;

/** The arguments of each command that the example runs instead of Kafka's own script. */
const commandsOfExample = async (folder: string): Promise<readonly (readonly string[])[]> => {
  const stub = join(folder, "kafka-acls.sh");
  writeFileSync(stub, '#!/bin/sh\necho "$*"\n');
  chmodSync(stub, 0o755);
  const env = { PATH: `${folder}${delimiter}${process.env.PATH}` };
  const output = await runCommand("bash", [script, "shop", "kafka:9092", "admin.properties"], { env });
  return output
    .trim()
    .split("\n")
    .map((line) => line.split(" "));
};

/** The permissions of one command, for the client library. */
const permissionsOf = (command: readonly string[]) => {
  const after = (option: string): string => command[command.indexOf(option) + 1] ?? "";
  const isGroup = command.includes("--group");
  return command
    .flatMap((word, index) => (word === "--operation" ? [command[index + 1] ?? ""] : []))
    .map((operation) => ({
      resourceType: isGroup ? AclResourceTypes.GROUP : AclResourceTypes.TOPIC,
      resourceName: after(isGroup ? "--group" : "--topic"),
      resourcePatternType: command.includes("prefixed") ? ResourcePatternTypes.PREFIXED : ResourcePatternTypes.LITERAL,
      principal: after("--allow-principal"),
      host: "*",
      operation:
        operation === "Describe" ? AclOperationTypes.DESCRIBE : operation === "Read" ? AclOperationTypes.READ : AclOperationTypes.WRITE,
      permissionType: AclPermissionTypes.ALLOW,
    }));
};

describe("a Kafka account with the documented permissions of a tenant", () => {
  const folder = scratchFolder();
  const ends: (() => Promise<unknown>)[] = [];
  let address: string;
  let delivery: Delivery;
  let ofShop: Kafka;

  const clientOf = (options: { readonly tenant: string; readonly tenantTopic: boolean }): CarillonClient => {
    const client = createKafkaClient({
      brokers: [address],
      registryUrl: serverAddress("REGISTRY"),
      sasl: { mechanism: "plain", ...shop },
      ...options,
    });
    ends.push(() => client.close());
    return client;
  };

  beforeAll(async () => {
    const security = { accounts: [carillon, shop], superUsers: [carillon.username], closed: true };
    const [broker] = await startBrokers(folderOf(kafka), join(folder.path, "kafka"), 1, { javaOptions: ["-Xmx384m"], security });
    address = broker?.address ?? "";
    ends.push(async () => broker?.stop());
    process.env.CARILLON_TEST_KAFKA_PASSWORD = carillon.password;
    const sasl = { mechanism: "plain", username: carillon.username, password: `\${env:CARILLON_TEST_KAFKA_PASSWORD}` };
    delivery = await startDelivery({
      profile: "cluster",
      guarantee: "at_least_once",
      processes: 1,
      config: { topics: { prefix: "carillon" }, tenantTopics: { tenants: ["shop", "bank"] }, kafka: { brokers: [address], sasl } },
    });
    ends.push(delivery.stop);
    const admin = createKafkajs({ brokers: [address], clientId: "operator", sasl: { mechanism: "plain", ...carillon } }).admin();
    await admin.connect();
    await admin.createAcls({ acl: (await commandsOfExample(folder.path)).flatMap(permissionsOf) });
    await admin.disconnect();
    ofShop = createKafkajs({ brokers: [address], clientId: "shop", sasl: { mechanism: "plain", ...shop } });
  }, 180_000);
  afterAll(async () => {
    for (const end of ends.reverse()) await end();
    folder.remove();
  }, 90_000);

  it("sends a message, and reads its feedback in a group of its own", async () => {
    const result = await clientOf({ tenant: "shop", tenantTopic: true }).send(sms);
    expect(result).toMatchObject({ accepted: true });
    const id = result.accepted ? result.id : "";
    expect(await delivery.final(id)).toMatchObject({ tenant: "shop", status: "delivered" });
    const consumer = ofShop.consumer({ groupId: "shop-orders" });
    await consumer.connect();
    ends.push(() => consumer.disconnect());
    await consumer.subscribe({ topic: "carillon.feedback.shop", fromBeginning: true });
    const key = await new Promise<string>((resolve) => {
      void consumer.run({ eachMessage: async ({ message }) => resolve(String(message.key)) });
    });
    expect(key).toBe(id);
  }, 90_000);

  it.each([
    ["the shared topics", { tenant: "shop", tenantTopic: false }],
    ["another tenant's topic", { tenant: "bank", tenantTopic: true }],
  ])(
    "cannot write to %s",
    async (_what, options) => {
      await expect(clientOf(options).send(sms)).rejects.toMatchObject({ code: "KAFKA_DENIED" });
    },
    90_000,
  );

  it("cannot read feedback of others, nor join a group outside its prefix", async () => {
    const admin = ofShop.admin();
    await admin.connect();
    ends.push(() => admin.disconnect());
    for (const topic of ["carillon.feedback", "carillon.feedback.bank", "carillon.requests.normal"])
      await expect(admin.fetchTopicOffsets(topic)).rejects.toMatchObject({ type: "TOPIC_AUTHORIZATION_FAILED" });
    // the library finds no coordinator of a group that the broker conceals
    await expect(admin.fetchOffsets({ groupId: "carillon.egress.feedback" })).rejects.toMatchObject({
      name: "KafkaJSGroupCoordinatorNotFound",
    });
    expect(await admin.fetchOffsets({ groupId: "shop-unused" })).toEqual([]);
  }, 90_000);
});
