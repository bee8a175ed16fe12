import type { KafkaClient, KafkaClientOptions } from "../kafka-client.js";
import { recordsDeleted } from "../kafka-errors.js";
import { KafkajsConsumer } from "./kafkajs-consumer.js";
import { connectKafkajs, createKafkajs } from "./kafkajs-producer.js";
import { readFetchesOurselves } from "./read-fetches.js";

/** Kafka with kafkajs. */
export const createKafkajsClient = (options: KafkaClientOptions): KafkaClient => {
  const kafka = createKafkajs(options);
  return {
    connect: () => connectKafkajs(kafka),
    consume: async (consume, dependencies) => {
      readFetchesOurselves(options.maxBatchBytes);
      const hearing = createKafkajs(options, () => consume.onError(recordsDeleted(consume.topic)));
      const consumer = new KafkajsConsumer(hearing, consume, { ...dependencies, sessionTimeoutMs: options.sessionTimeoutMs });
      await consumer.start();
      return consumer;
    },
  };
};
