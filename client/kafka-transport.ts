import { type Codec, createCodec, type SchemaRegistry } from "../schemas/codec.js";
import type { MessageRequested } from "../schemas/generated.js";
import { messageRequested } from "../schemas/records.js";
import { topicName } from "../schemas/topics.js";
import { createCoalescingProducer } from "../stores/event-log/kafka/coalescing-producer.js";
import type { KafkaSecurity } from "../stores/event-log/kafka/kafka-security.js";
import { connectKafkajs, createKafkajs } from "../stores/event-log/kafka/kafkajs-client/kafkajs-producer.js";
import { createOpenSockets } from "../stores/event-log/kafka/open-sockets.js";
import { type ConfluentRegistryOptions, createConfluentRegistry } from "../stores/schema-registry/confluent-registry.js";
import { acceptedHeaders } from "./accepted-header.js";
import type { TargetTopics } from "./target-topics.js";

export interface KafkaTransportOptions extends KafkaSecurity {
  readonly brokers: readonly string[];
  readonly registry: ConfluentRegistryOptions;
  readonly topics: Pick<TargetTopics, "all" | "of">;
  readonly prefix: string;
  readonly clientId: string;
  readonly lingerMs: number;
}

/** Publishes requests to Kafka. */
export interface KafkaTransport {
  /** Resolves once the broker has all of them. Rejects UNAVAILABLE. */
  publish(requests: readonly MessageRequested[]): Promise<void>;
  close(): Promise<void>;
}

const registerRequests = async (
  registry: SchemaRegistry,
  { topics, prefix }: Pick<KafkaTransportOptions, "topics" | "prefix">,
): Promise<Codec<MessageRequested>> => {
  const ids = await Promise.all(topics.all.map((topic) => registry.register(`${topicName(prefix, topic)}-value`, messageRequested.schema)));
  return createCodec(messageRequested, ids[0] ?? 0, registry);
};

/** Sends that outlived the close have been rejected already. Their connections get this long to end. */
const disconnectWithinMs = 1_000;

export const createKafkaTransport = (options: KafkaTransportOptions): KafkaTransport => {
  const { brokers, topics, prefix, clientId, lingerMs, tls, sasl } = options;
  const sockets = createOpenSockets();
  const kafka = createKafkajs({ clientId, brokers, tls, sasl, sockets });
  const producer = createCoalescingProducer(() => connectKafkajs(kafka), lingerMs);
  const registry = createConfluentRegistry(options.registry);
  let registering: Promise<Codec<MessageRequested>> | undefined;
  const codec = (): Promise<Codec<MessageRequested>> => {
    registering ??= registerRequests(registry, { topics, prefix }).catch((error: unknown) => {
      registering = undefined;
      throw error;
    });
    return registering;
  };
  return {
    publish: async (requests) => {
      const { encode } = await codec();
      await producer.append(
        requests.map((request) => ({
          topic: topicName(prefix, topics.of(request)),
          key: messageRequested.key(request),
          value: encode(request),
          headers: acceptedHeaders,
        })),
      );
    },
    close: async () => {
      await Promise.all([producer.close(disconnectWithinMs), registry.close()]);
      sockets.destroy();
    },
  };
};
