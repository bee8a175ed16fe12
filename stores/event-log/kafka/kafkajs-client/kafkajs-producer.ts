import { Kafka, type logCreator, logLevel } from "kafkajs";
import { answerSilenceMs } from "../answered-sockets.js";
import type { KafkaClientOptions, Sender } from "../kafka-client.js";
import { type KafkaSecurity, kafkajsSecurity } from "../kafka-security.js";
import { createConfirmedSends } from "./confirmed-sends.js";
import { createSocketFactory } from "./socket-factory.js";
import { topicMessagesOf } from "./topic-messages.js";

const presetSessionMs = 30_000;

/** kafkajs skips deleted records by itself and reports that only in its log. */
const movedPastDeleted = /^Offset out of range, resetting/;
const hearOfDeleted =
  (onDeleted: () => void): logCreator =>
  () =>
  ({ log }) => {
    if (movedPastDeleted.test(log.message)) onDeleted();
  };

/** The kafkajs entry point. Logs its errors as errors and closes connections on which brokers stay silent. */
export const createKafkajs = (
  {
    brokers,
    clientId,
    sessionTimeoutMs = presetSessionMs,
    sockets,
    ...security
  }: Pick<KafkaClientOptions, "brokers" | "clientId"> & Partial<Pick<KafkaClientOptions, "sessionTimeoutMs" | "sockets">> & KafkaSecurity,
  onDeleted?: () => void,
): Kafka =>
  new Kafka({
    clientId,
    brokers: [...brokers],
    ...kafkajsSecurity(security),
    ...(onDeleted ? { logLevel: logLevel.ERROR, logCreator: hearOfDeleted(onDeleted) } : { logLevel: logLevel.NOTHING }),
    connectionTimeout: 5_000,
    requestTimeout: 30_000,
    socketFactory: createSocketFactory({ silenceMs: answerSilenceMs, joinSilenceMs: 2 * sessionTimeoutMs + answerSilenceMs }, sockets),
    retry: { initialRetryTime: 100, maxRetryTime: 5_000, retries: 6 },
  });

export const connectKafkajs = async (kafka: Kafka): Promise<Sender> => {
  const { createPartitioner, confirm } = createConfirmedSends();
  const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1, allowAutoTopicCreation: false, createPartitioner });
  await producer.connect();
  return {
    send: (records) => confirm(producer.sendBatch, topicMessagesOf(records)),
    close: () => producer.disconnect(),
  };
};
