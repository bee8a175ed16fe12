import { type Consumer, Producer } from "@platformatic/kafka";
import type { OutgoingRecord } from "../../event-log.js";
import type { KafkaClientOptions } from "../kafka-client.js";
import {
  createPartitionTransactions,
  type PartitionTransactions,
  type TransactionalSender,
  transactionalIdOf,
  transactionTimeoutMs,
} from "../partition-transactions.js";
import { splitBySize } from "../split-by-size.js";
import { closeClient } from "./close-client.js";
import { connectionOf, watched } from "./connection.js";
import type { GroupMembership } from "./group-membership.js";
import { messagesOf, partitioner } from "./messages.js";

type Transaction = Awaited<ReturnType<Producer["beginTransaction"]>>;

/** Transactions whose offsets name member and generation: the group fences too, in addition to the producer's id (KIP-447). */
export const createPlatformaticTransactions = (
  options: KafkaClientOptions,
  topic: string,
  membership: GroupMembership,
): PartitionTransactions => {
  const { groupId } = membership;
  const run = async (
    transaction: Transaction,
    generationId: number,
    partition: number,
    nextOffset: number,
    outputs: readonly OutgoingRecord[],
  ): Promise<void> => {
    for (const part of splitBySize(outputs, (output) => [output])) await transaction.send({ messages: messagesOf(part) });
    await transaction.addConsumer({ groupId } as Consumer);
    const { memberId, coordinatorId } = membership;
    // the library commits the offset after that of the message it receives
    const done = {
      topic,
      partition,
      offset: BigInt(nextOffset - 1),
      metadata: { consumer: { groupId, generationId, memberId, coordinatorId } },
    };
    await transaction.addOffset(done as unknown as Parameters<Transaction["addOffset"]>[0]);
    await transaction.commit();
  };
  const connect = async (partition: number, generationId: number): Promise<TransactionalSender> => {
    const producer = watched(
      new Producer({
        ...connectionOf(options),
        transactionalId: transactionalIdOf(groupId, topic, partition),
        // "none yet": the library's default resumes producer 0, which brokers refuse once the id was used
        producerId: -1n,
        producerEpoch: -1,
        idempotent: true,
        autocreateTopics: false,
        acks: -1,
        partitioner,
        timeout: transactionTimeoutMs, // timeout of requests and of transactions
        retries: 20,
        retryDelay: 10, // consecutive transactions wait out CONCURRENT_TRANSACTIONS
      }),
      options.sockets,
    );
    const close = (): Promise<void> => closeClient(producer);
    // started in advance: starting the first transaction fences the former owner
    let transaction = await producer.beginTransaction().catch(async (error: unknown) => {
      await close();
      throw error;
    });
    return {
      commit: async (nextOffset, outputs) => {
        try {
          await run(transaction, generationId, partition, nextOffset, outputs);
          transaction = await producer.beginTransaction();
        } catch (error) {
          if (!transaction.completed) await transaction.abort().catch(() => undefined);
          throw error;
        }
      },
      close,
    };
  };
  return createPartitionTransactions(topic, connect);
};
