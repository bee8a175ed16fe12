import type { Finding } from "../channels/finding.js";
import { type Codec, createCodec, type SchemaRegistry } from "../schemas/codec.js";
import type { MessageRequested } from "../schemas/generated.js";
import { messageRequested } from "../schemas/records.js";
import { requestsTopicOf, topicName } from "../schemas/topics.js";
import { lanes } from "../schemas/vocabulary.js";
import { createCoalescingProducer } from "../stores/event-log/kafka/coalescing-producer.js";
import type { KafkaSecurity } from "../stores/event-log/kafka/kafka-security.js";
import { connectKafkajs, createKafkajs } from "../stores/event-log/kafka/kafkajs-client/kafkajs-client.js";
import { createInFlight } from "../stores/in-flight.js";
import { type ConfluentRegistryOptions, createConfluentRegistry } from "../stores/schema-registry/confluent-registry.js";
import { acceptedHeaders } from "./accepted-header.js";
import { checkMessage } from "./check-message.js";
import { completeMessage } from "./complete-message.js";
import type { Limits } from "./limits.js";
import type { MessageInput } from "./message-input.js";

/** Options of the client. `tls` and `sasl` must match the brokers. */
export interface ClientOptions extends KafkaSecurity {
  /** host:port of the brokers. */
  readonly brokers: readonly string[];
  /** Address of the schema registry. */
  readonly registryUrl: string;
  /** Account and encryption for the schema registry. */
  readonly registryAccess?: Omit<ConfluentRegistryOptions, "url">;
  /** The tenant of messages that do not name one. */
  readonly tenant: string;
  /** Prefix of the topics' names. */
  readonly prefix?: string;
  readonly clientId?: string;
  readonly limits?: Limits;
  /** Returns the W3C traceparent of the current work, for each send. Default: each message starts its own trace. */
  readonly traceparent?: () => string | undefined;
  /** The matching W3C tracestate. */
  readonly tracestate?: () => string | undefined;
  /** How long a send waits for others to share a batch with, in milliseconds. */
  readonly lingerMs?: number;
  /** How long `close()` waits for sends in flight, in milliseconds; default: 30 s. */
  readonly closeTimeoutMs?: number;
}

/** The result of a send: invalid messages are data, not exceptions. */
export type SendResult =
  /** All in-sync replicas of the broker have stored the message. */
  | { readonly accepted: true; readonly id: string; readonly warnings: readonly Finding[] }
  /** Nothing was published. */
  | { readonly accepted: false; readonly errors: readonly Finding[] };

/** The client with which a service sends messages. */
export interface CarillonClient {
  /**
   * Checks, completes, encodes and publishes. Resolves once the broker has stored the message. Rejects UNAVAILABLE. Rejects CLOSED if
   * called after `close()`, or if still in flight when `close()` stops waiting.
   */
  send(message: MessageInput): Promise<SendResult>;
  /** Sends many messages in one batch. Results are in the order given. */
  sendAll(messages: readonly MessageInput[]): Promise<readonly SendResult[]>;
  /** Accepts no more sends, waits for those in flight, at most `closeTimeoutMs`, then disconnects. Idempotent. */
  close(): Promise<void>;
}

const registerRequests = async (registry: SchemaRegistry, prefix: string): Promise<Codec<MessageRequested>> => {
  const ids = await Promise.all(
    lanes.map((lane) => registry.register(`${topicName(prefix, requestsTopicOf({ lane }))}-value`, messageRequested.schema)),
  );
  return createCodec(messageRequested, ids[0] ?? 0, registry);
};

/** Sends that outlived the close have been rejected already. Their connections get this long to end. */
const disconnectWithinMs = 1_000;

export const createClient = (options: ClientOptions): CarillonClient => {
  const { brokers, registryUrl, tenant, prefix = "carillon", clientId = "carillon-client", limits } = options;
  const { lingerMs = 5, closeTimeoutMs = 30_000 } = options;
  const kafka = createKafkajs({ clientId, brokers, tls: options.tls, sasl: options.sasl });
  const producer = createCoalescingProducer(() => connectKafkajs(kafka), lingerMs);
  const registry = createConfluentRegistry({ url: registryUrl, ...options.registryAccess });
  const sends = createInFlight("the client");
  let registering: Promise<Codec<MessageRequested>> | undefined;
  let closing: Promise<void> | undefined;

  const codec = (): Promise<Codec<MessageRequested>> => {
    registering ??= registerRequests(registry, prefix).catch((error: unknown) => {
      registering = undefined;
      throw error;
    });
    return registering;
  };
  const publish = async (messages: readonly MessageInput[]): Promise<readonly SendResult[]> => {
    const checks = messages.map((message) => checkMessage(message, limits));
    const sentFor = [options.traceparent?.(), options.tracestate?.()] as const;
    const requests = checks.map(({ message }) => message && completeMessage(message, message.tenant ?? tenant, Date.now(), ...sentFor));
    const { encode } = await codec();
    await producer.append(
      requests
        .filter((request) => request !== undefined)
        .map((request) => ({
          topic: topicName(prefix, requestsTopicOf(request)),
          key: messageRequested.key(request),
          value: encode(request),
          headers: acceptedHeaders,
        })),
    );
    return checks.map(({ errors, warnings }, index) => {
      const id = requests[index]?.id;
      return id === undefined ? { accepted: false, errors } : { accepted: true, id, warnings };
    });
  };
  const sendAll: CarillonClient["sendAll"] = (messages) => sends.run(() => publish(messages));
  return {
    sendAll,
    send: async (message) => (await sendAll([message]))[0] ?? { accepted: false, errors: [] },
    close: () => {
      closing ??= (async () => {
        await sends.drain(closeTimeoutMs);
        await Promise.all([producer.close(disconnectWithinMs), registry.close()]);
      })();
      return closing;
    },
  };
};
