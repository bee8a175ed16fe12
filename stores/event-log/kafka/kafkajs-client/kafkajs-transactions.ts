import type { Kafka, Transaction } from "kafkajs";
import type { OutgoingRecord } from "../../event-log.js";
import {
  createPartitionTransactions,
  type PartitionTransactions,
  type TransactionalSender,
  transactionalIdOf,
  transactionTimeoutMs,
} from "../partition-transactions.js";
import { splitBySize } from "../split-by-size.js";
import { type ConfirmedSends, createConfirmedSends } from "./confirmed-sends.js";
import { topicMessagesOf } from "./topic-messages.js";

/** Consecutive transactions wait out CONCURRENT_TRANSACTIONS with this delay. The default of 300 ms allows three a second. */
const retry = { initialRetryTime: 8, retries: 15, maxRetryTime: 1_000 };

export const createKafkajsTransactions = (kafka: Kafka, group: string, topic: string): PartitionTransactions => {
  const run = async (
    transaction: Transaction,
    { confirm }: ConfirmedSends,
    partition: number,
    next: number,
    outputs: readonly OutgoingRecord[],
  ): Promise<void> => {
    for (const part of splitBySize(outputs, (output) => [output])) await confirm(transaction.sendBatch, topicMessagesOf(part));
    const topics = [{ topic, partitions: [{ partition, offset: String(next) }] }];
    await transaction.sendOffsets({ consumerGroupId: group, topics });
    await transaction.commit();
  };
  const connect = async (partition: number): Promise<TransactionalSender> => {
    const sends = createConfirmedSends();
    const producer = kafka.producer({
      createPartitioner: sends.createPartitioner,
      transactionalId: transactionalIdOf(group, topic, partition),
      idempotent: true,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      transactionTimeout: transactionTimeoutMs,
      retry,
    });
    await producer.connect();
    return {
      commit: async (nextOffset, outputs) => {
        const transaction = await producer.transaction();
        try {
          await run(transaction, sends, partition, nextOffset, outputs);
        } catch (error) {
          if (transaction.isActive()) await transaction.abort().catch(() => undefined);
          throw error;
        }
      },
      close: () => producer.disconnect().catch(() => undefined),
    };
  };
  return createPartitionTransactions(topic, connect);
};
