import { expect } from "vitest";
import { checkMessage } from "../../client/check-message.js";
import { createAccepter } from "../../sources/accepter.js";
import { systemClock } from "../../stores/clock.js";
import { createKafkajs } from "../../stores/event-log/kafka/kafkajs-client/kafkajs-producer.js";
import { topicResource } from "../../stores/event-log/kafka/topic-drifts.js";
import { namesOf } from "../../topology/names.js";
import { kafka, startBrokers } from "../servers/kafka.js";
import { folderOf } from "../servers/provision.js";
import { scratchFolder } from "../support/scratch.js";
import { serverAddress } from "../support/servers.js";
import { startTcpProxy } from "../support/tcp-proxy.js";
import { allDelivered, doctorOf, most, sms, sum, type Trial, until } from "./runbook-trial.js";

/** Trials that need a server, often an unavailable one. */
export const trialsOfServers: Readonly<Record<string, Trial>> = {
  CarillonConsumersDown: {
    options: { profile: "cluster" },
    try: async (delivery) => {
      const folder = scratchFolder();
      const [broker] = await startBrokers(folderOf(kafka), folder.path, 1, { javaOptions: ["-Xmx384m"] });
      const down = async (): Promise<number> =>
        (await sum(delivery, "carillon_consumers_configured")) - (await sum(delivery, "carillon_consumers"));
      try {
        await delivery.reconfigure({ kafka: { brokers: [broker?.address ?? ""], sessionTimeoutMs: 6_000 } });
        await until(down, (count) => count === 0);
        await broker?.signal("SIGSTOP");
        await until(down, (count) => count > 0);
        expect((await fetch(`${delivery.urls[0]}/readyz`)).status).toBe(503);
        await broker?.signal("SIGCONT");
        await until(down, (count) => count === 0);
        await allDelivered(delivery, [await delivery.send(sms("high"))]);
      } finally {
        await delivery.reconfigure({ kafka: { brokers: [serverAddress("KAFKA")] } });
        await broker?.stop();
        folder.remove();
      }
    },
  },
  CarillonRecordsDeleted: {
    options: { profile: "cluster" },
    try: async (delivery) => {
      const admin = createKafkajs({ brokers: [serverAddress("KAFKA")], clientId: "operator" }).admin();
      await admin.connect();
      try {
        await allDelivered(delivery, [await delivery.send(sms("high"))]);
        await delivery.kill("SIGTERM");
        const topic = namesOf(delivery.config).topicOf("requests.high");
        const keep = (value: string) =>
          admin.alterConfigs({
            validateOnly: false,
            resources: [{ type: topicResource, name: topic, configEntries: [{ name: "retention.ms", value }] }],
          });
        const accepter = createAccepter(delivery.assembly, "command line", delivery.stores.log, systemClock);
        const { message } = checkMessage(sms("high"));
        if (!message) throw new Error("the message is refused");
        await accepter.accept([message], "default");
        await keep("60000");
        const offsets = await admin.fetchTopicOffsets(topic);
        await admin.deleteTopicRecords({ topic, partitions: offsets.map(({ partition, high }) => ({ partition, offset: high })) });
        await delivery.reconfigure({});
        await until(
          () => sum(delivery, "carillon_records_deleted_total"),
          (count) => count > 0,
        );
        const [, command = ""] = /(kafka-configs .*)/.exec(await doctorOf(delivery)) ?? [];
        expect(command).toContain(`--entity-name ${topic} --add-config retention.ms=`);
        const needed = /retention\.ms=(\d+)/.exec(command)?.[1] ?? "";
        await keep(needed);
        expect(await doctorOf(delivery)).toContain("topic settings accept and retain all records");
        await allDelivered(delivery, [await delivery.send(sms("high"))]);
      } finally {
        await admin.disconnect();
      }
    },
  },
  CarillonRetriedErrors: {
    options: { profile: "cluster" },
    try: async (delivery) => {
      const mongo = new URL(serverAddress("MONGO"));
      const proxy = await startTcpProxy(mongo.hostname, Number(mongo.port));
      try {
        const { database } = delivery.config.mongo;
        mongo.host = `${proxy.host}:${proxy.port}`;
        await delivery.reconfigure({ mongo: { url: mongo.href, database } });
        await allDelivered(delivery, [await delivery.send(sms("high"))]);
        await proxy.cut();
        const id = await delivery.send(sms("high", "+14155550107"));
        await until(
          () => sum(delivery, "carillon_retried_errors_total"),
          (count) => count > 0,
        );
        await proxy.mend();
        await allDelivered(delivery, [id]);
      } finally {
        await proxy.stop();
      }
    },
  },
  CarillonTenantsOutdated: {
    options: { profile: "cluster" },
    try: async (delivery) => {
      const mongo = new URL(serverAddress("MONGO"));
      const proxy = await startTcpProxy(mongo.hostname, Number(mongo.port));
      const age = (): Promise<number> => most(delivery, "carillon_tenants_age_seconds");
      try {
        const { database } = delivery.config.mongo;
        mongo.host = `${proxy.host}:${proxy.port}`;
        await delivery.reconfigure({ mongo: { url: mongo.href, database } });
        await until(
          () => sum(delivery, "carillon_tenants"),
          (count) => count > 0,
        );
        await proxy.cut();
        await until(age, (seconds) => seconds > 6);
        await proxy.mend();
        await until(age, (seconds) => seconds < 5);
        await allDelivered(delivery, [await delivery.send(sms("high"))]);
      } finally {
        await proxy.stop();
      }
    },
  },
};
