import type { KafkaSecurity } from "../stores/event-log/kafka/kafka-security.js";
import { createInFlight } from "../stores/in-flight.js";
import type { ConfluentRegistryOptions } from "../stores/schema-registry/confluent-registry.js";
import { checkMessage } from "./check-message.js";
import { completeMessage } from "./complete-message.js";
import type { MessageInput } from "./generated.js";
import type { KafkaTransport } from "./kafka-transport.js";
import type { Limits } from "./limits.js";
import type { CarillonClient, SendResult } from "./send-result.js";

/** Options of the client. `tls` and `sasl` must match the brokers. */
export interface ClientOptions extends KafkaSecurity {
  /** host:port of the brokers. */
  readonly brokers: readonly string[];
  /** Address of the schema registry. */
  readonly registryUrl: string;
  /** Account and encryption for the schema registry. */
  readonly registryAccess?: Omit<ConfluentRegistryOptions, "url"> | undefined;
  /** The tenant of messages that do not name one. */
  readonly tenant: string;
  /** Prefix of the topics' names. */
  readonly prefix?: string | undefined;
  readonly clientId?: string | undefined;
  readonly limits?: Limits | undefined;
  /** Returns the W3C traceparent of the current work, for each send. Default: each message starts its own trace. */
  readonly traceparent?: (() => string | undefined) | undefined;
  /** The matching W3C tracestate. */
  readonly tracestate?: (() => string | undefined) | undefined;
  /** How long a send waits for others to share a batch with, in milliseconds. */
  readonly lingerMs?: number | undefined;
  /** How long `close()` waits for sends in flight, in milliseconds; default: 30 s. */
  readonly closeTimeoutMs?: number | undefined;
}

/** A client that publishes to Kafka. The first send loads Kafka's libraries. */
export const createClient = (options: ClientOptions): CarillonClient => {
  const { brokers, registryUrl, tenant, prefix = "carillon", clientId = "carillon-client", limits } = options;
  const { lingerMs = 5, closeTimeoutMs = 30_000, tls, sasl } = options;
  const sends = createInFlight("the client");
  let opening: Promise<KafkaTransport> | undefined;
  let closing: Promise<void> | undefined;

  const transport = (): Promise<KafkaTransport> => {
    opening ??= import("./kafka-transport.js").then(({ createKafkaTransport }) =>
      createKafkaTransport({ brokers, registry: { url: registryUrl, ...options.registryAccess }, prefix, clientId, lingerMs, tls, sasl }),
    );
    return opening;
  };
  const publish = async (messages: readonly MessageInput[]): Promise<readonly SendResult[]> => {
    const checks = messages.map((message) => checkMessage(message, limits));
    const sentFor = [options.traceparent?.(), options.tracestate?.()] as const;
    const requests = checks.map(({ message }) => message && completeMessage(message, message.tenant ?? tenant, Date.now(), ...sentFor));
    const right = requests.filter((request) => request !== undefined);
    if (right.length > 0) await (await transport()).publish(right);
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
        await (await opening)?.close();
      })();
      return closing;
    },
  };
};
