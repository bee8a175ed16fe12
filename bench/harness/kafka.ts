import { randomUUID } from "node:crypto";
import type { Admin } from "kafkajs";
import { createKafkajs } from "../../stores/event-log/kafka/kafkajs-client/kafkajs-client.js";

export const uniquePrefix = (): string => `bench-${randomUUID().slice(0, 8)}`;

/** Uses an admin client, and closes it. */
export const withAdmin = async <T>(broker: string, use: (admin: Admin) => Promise<T>): Promise<T> => {
  const admin = createKafkajs({ brokers: [broker], clientId: "bench" }).admin();
  await admin.connect();
  try {
    return await use(admin);
  } finally {
    await admin.disconnect();
  }
};

export const createTopics = (broker: string, topics: Readonly<Record<string, number>>): Promise<void> =>
  withAdmin(broker, async (admin) => {
    await admin.createTopics({
      waitForLeaders: true,
      topics: Object.entries(topics).map(([topic, numPartitions]) => ({ topic, numPartitions, replicationFactor: 1 })),
    });
  });

export const deleteTopics = (broker: string, prefix: string): Promise<void> =>
  withAdmin(broker, async (admin) => {
    const topics = (await admin.listTopics()).filter((topic) => topic.startsWith(prefix));
    if (topics.length > 0) await admin.deleteTopics({ topics });
  });

/** Records of a topic, transaction markers included. */
export const endOf = async (admin: Admin, topic: string): Promise<number> =>
  (await admin.fetchTopicOffsets(topic)).reduce((sum, { high }) => sum + Number(high), 0);
