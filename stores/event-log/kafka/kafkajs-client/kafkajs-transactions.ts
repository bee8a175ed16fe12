import type { Kafka, Producer, Transaction } from "kafkajs";
import type { OutgoingRecord } from "../../event-log.js";
import { fromKafka } from "../kafka-errors.js";
import { type PartitionTransactions, transactionalIdOf, transactionTimeoutMs } from "../partition-transactions.js";
import { splitBySize } from "../split-by-size.js";
import { topicMessagesOf } from "./topic-messages.js";

interface Held {
  readonly producer: Producer;
  readonly epoch: number;
}

/** A transaction after another waits out CONCURRENT_TRANSACTIONS by this delay; the default of 300 ms allows three a second. */
const retry = { initialRetryTime: 8, retries: 15, maxRetryTime: 1_000 };

export const createKafkajsTransactions = (kafka: Kafka, group: string, topic: string): PartitionTransactions => {
  const held = new Map<number, Held>();
  const drop = async (partition: number): Promise<void> => {
    const old = held.get(partition);
    held.delete(partition);
    await old?.producer.disconnect().catch(() => undefined);
  };
  const run = async (
    transaction: Transaction,
    partition: number,
    nextOffset: number,
    outputs: readonly OutgoingRecord[],
  ): Promise<void> => {
    for (const part of splitBySize(outputs, (output) => [output])) {
      await transaction.sendBatch({ topicMessages: topicMessagesOf(part), acks: -1 });
    }
    await transaction.sendOffsets({
      consumerGroupId: group,
      topics: [{ topic, partitions: [{ partition, offset: String(nextOffset) }] }],
    });
    await transaction.commit();
  };
  return {
    take: async (partition, epoch) => {
      if (held.get(partition)?.epoch === epoch) return false;
      await drop(partition);
      const producer = kafka.producer({
        transactionalId: transactionalIdOf(group, topic, partition),
        idempotent: true,
        maxInFlightRequests: 1,
        allowAutoTopicCreation: false,
        transactionTimeout: transactionTimeoutMs,
        retry,
      });
      try {
        await producer.connect();
      } catch (error) {
        throw fromKafka(`cannot take over partition ${partition} of ${topic}`, error);
      }
      held.set(partition, { producer, epoch });
      return true;
    },
    commit: async (partition, nextOffset, outputs) => {
      const owner = held.get(partition);
      if (!owner)
        throw fromKafka(`partition ${partition} of ${topic}`, Object.assign(new Error("it was not taken"), { type: "PRODUCER_FENCED" }));
      let transaction: Transaction | undefined;
      try {
        transaction = await owner.producer.transaction();
        await run(transaction, partition, nextOffset, outputs);
      } catch (error) {
        if (transaction?.isActive()) await transaction.abort().catch(() => undefined);
        // the producer's state is in doubt: the next try begins with a new one
        await drop(partition);
        throw fromKafka(`the transaction on partition ${partition} of ${topic} was aborted`, error);
      }
    },
    close: async () => {
      await Promise.all([...held.keys()].map(drop));
    },
  };
};
