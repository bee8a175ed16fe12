import { Kafka, logLevel } from "kafkajs";
import { describe, expect, it } from "vitest";
import { kafkaClients } from "../../stores/event-log/event-log.js";
import { createKafkaLog } from "../../stores/event-log/kafka/kafka-log.js";
import { eventually } from "../support/eventually.js";
import { uniqueName } from "../support/scratch.js";
import { serverAddress } from "../support/servers.js";

describe.each(kafkaClients)("records that were deleted before they were read, by %s", (client) => {
  it("are reported, and reading goes on from the first one kept", async () => {
    const brokers = [serverAddress("KAFKA")];
    const log = createKafkaLog({ client, brokers, clientId: "test", sessionTimeoutMs: 10_000, lingerMs: 5, replicationFactor: 1 });
    const admin = new Kafka({ brokers, logLevel: logLevel.NOTHING }).admin();
    const [topic, group] = [uniqueName("deleted"), uniqueName("group")];
    await log.ensureTopics([{ topic, partitions: 1, retentionMs: -1 }]);
    const append = (word: string): Promise<void> => log.append([{ topic, key: "k", value: Buffer.from(word) }]);
    for (const word of ["one", "two", "three"]) await append(word);
    await admin.connect();
    await admin.setOffsets({ groupId: group, topic, partitions: [{ partition: 0, offset: "0" }] });
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: "2" }] });
    await admin.disconnect();
    const errors: unknown[] = [];
    const read: string[] = [];
    await log.consume({
      group,
      topic,
      consumers: 1,
      guarantee: "at_least_once",
      maxBatchRecords: 10,
      onBatch: async ({ records, commit }) => {
        read.push(...records.map(({ value }) => String(value)));
        await commit((records.at(-1)?.offset ?? 0) + 1, []);
      },
      onError: (error) => errors.push(error),
    });
    await eventually(
      () => read,
      (words) => words.includes("three"),
    );
    expect(read).toEqual(["three"]);
    expect(errors).toMatchObject([{ code: "RECORDS_DELETED", message: expect.stringContaining(topic) }]);
    await log.close();
  });
});
