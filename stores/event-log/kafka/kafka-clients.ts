import type { KafkaClientName } from "../event-log.js";
import type { KafkaClient, KafkaClientOptions } from "./kafka-client.js";
import { createKafkajsClient } from "./kafkajs-client/kafkajs-client.js";
import { createPlatformaticClient } from "./platformatic-client/platformatic-client.js";

/** Creates a client with each of the supported libraries. */
export const kafkaClientBy: Readonly<Record<KafkaClientName, (options: KafkaClientOptions) => KafkaClient>> = {
  kafkajs: createKafkajsClient,
  platformatic: createPlatformaticClient,
};
