import type { KafkaSecurity } from "../stores/event-log/kafka/kafka-security.js";
import { createInFlight } from "../stores/in-flight.js";
import type { ConfluentRegistryOptions } from "../stores/schema-registry/confluent-registry.js";
import { endWith } from "./abort.js";
import { checkMessage } from "./check-message.js";
import { checkOptions } from "./check-options.js";
import { completeMessage } from "./complete-message.js";
import type { MessageInput } from "./generated.js";
import { kafkaClientOptions } from "./kafka-client-options.js";
import type { KafkaTransport } from "./kafka-transport.js";
import type { Limits } from "./limits.js";
import { checkMessages, signalOf } from "./send-arguments.js";
import type { CarillonClient, SendResult } from "./send-result.js";
import { sharedTopics, tenantTopics } from "./target-topics.js";
import { readTrace } from "./trace-functions.js";

/** Options of the client. `tls` and `sasl` must match the brokers. */
export interface KafkaClientOptions extends KafkaSecurity {
  /** host:port of the brokers. */
  readonly brokers: readonly string[];
  /** Address of the schema registry, without credentials. */
  readonly registryUrl: string;
  /** Account and encryption for the schema registry. */
  readonly registryAccess?: Omit<ConfluentRegistryOptions, "url"> | undefined;
  /** The tenant of messages that do not name one. */
  readonly tenant: string;
  /**
   * Publishes to the topic that only this tenant can write, instead of the shared topics. Needs `tenantTopics.tenants` in Carillon's
   * configuration.
   */
  readonly tenantTopic?: boolean | undefined;
  /** Prefix of the topics' names. */
  readonly prefix?: string | undefined;
  readonly clientId?: string | undefined;
  /** Limits that differ from Carillon's defaults. */
  readonly limits?: Partial<Limits> | undefined;
  /** Returns the W3C traceparent of the current work, for each send. Default: each message starts its own trace. */
  readonly traceparent?: (() => string | undefined) | undefined;
  /** The matching W3C tracestate. */
  readonly tracestate?: (() => string | undefined) | undefined;
  /** How long a send waits for others to share a batch with, in milliseconds. */
  readonly lingerMs?: number | undefined;
  /** How long `close()` waits for sends in flight, in milliseconds; default: 30 s. */
  readonly closeTimeoutMs?: number | undefined;
}

/** A client that publishes to Kafka. The first send loads Kafka's libraries. Throws INPUT_INVALID for invalid options, all at once. */
export const createKafkaClient = (options: KafkaClientOptions): CarillonClient => {
  const checked = checkOptions(kafkaClientOptions, options);
  const { brokers, registryUrl, registryAccess, tenant, tenantTopic, prefix, clientId, lingerMs, limits, tls, sasl } = checked;
  const topics = tenantTopic ? tenantTopics(tenant) : sharedTopics;
  const sends = createInFlight("the client");
  let opening: Promise<KafkaTransport> | undefined;
  let closing: Promise<void> | undefined;

  const open = async (): Promise<KafkaTransport> => {
    const { createKafkaTransport } = await import("./kafka-transport.js");
    return createKafkaTransport({
      brokers,
      registry: { url: registryUrl, ...registryAccess },
      topics,
      prefix,
      clientId,
      lingerMs,
      tls,
      sasl,
    });
  };
  const transport = (): Promise<KafkaTransport> => {
    opening ??= open().catch((error: unknown) => {
      // the next send tries again, and there is nothing to close
      opening = undefined;
      throw error;
    });
    return opening;
  };
  const publish = async (messages: readonly MessageInput[], signal: AbortSignal | undefined): Promise<readonly SendResult[]> => {
    const checks = messages.map((message) => topics.check(checkMessage(message, limits), Date.now()));
    const sentFor = readTrace(checked);
    const requests = checks.map(({ message }) => message && completeMessage(message, message.tenant ?? tenant, Date.now(), ...sentFor));
    const right = requests.filter((request) => request !== undefined);
    if (right.length > 0) {
      const { publish: append } = await transport();
      signal?.throwIfAborted();
      await append(right);
    }
    return checks.map(({ errors, warnings }, index) => {
      const id = requests[index]?.id;
      return id === undefined ? { accepted: false, errors } : { accepted: true, id, warnings };
    });
  };
  const sendAll: CarillonClient["sendAll"] = (messages, sendOptions) =>
    sends.run(async () => {
      const signal = signalOf(sendOptions);
      checkMessages(messages);
      return endWith(signal, () => publish(messages, signal));
    });
  return {
    sendAll,
    send: async (message, sendOptions) => (await sendAll([message], sendOptions))[0] ?? { accepted: false, errors: [] },
    close: () => {
      closing ??= (async () => {
        await sends.drain(checked.closeTimeoutMs);
        await (await opening?.catch(() => undefined))?.close();
      })();
      return closing;
    },
  };
};
