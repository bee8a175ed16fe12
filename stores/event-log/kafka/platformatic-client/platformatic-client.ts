import { Producer } from "@platformatic/kafka";
import type { KafkaClient, KafkaClientOptions, Sender } from "../kafka-client.js";
import { closeClient } from "./close-client.js";
import { connectionOf, watched } from "./connection.js";
import { messagesOf, partitioner } from "./messages.js";
import { PlatformaticConsumer } from "./platformatic-consumer.js";

const connectPlatformatic = (options: KafkaClientOptions): Sender => {
  const producer = watched(
    new Producer({
      ...connectionOf(options),
      idempotent: true,
      autocreateTopics: false,
      acks: -1,
      partitioner,
      timeout: 30_000,
      retries: 6,
      retryDelay: 200,
    }),
    options.sockets,
  );
  return {
    send: async (records) => {
      await producer.send({ messages: messagesOf(records) });
    },
    close: () => closeClient(producer),
  };
};

/** Kafka with @platformatic/kafka. */
export const createPlatformaticClient = (options: KafkaClientOptions): KafkaClient => ({
  connect: async () => connectPlatformatic(options),
  consume: async (consume, dependencies) => {
    const consumer = new PlatformaticConsumer(consume, options, dependencies);
    await consumer.start();
    return consumer;
  },
});
