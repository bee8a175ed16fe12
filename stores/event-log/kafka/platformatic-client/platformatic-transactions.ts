import { type Consumer, Producer } from "@platformatic/kafka";
import type { OutgoingRecord } from "../../event-log.js";
import type { KafkaClientOptions } from "../kafka-client.js";
import { fromKafka } from "../kafka-errors.js";
import { type PartitionTransactions, transactionalIdOf, transactionTimeoutMs } from "../partition-transactions.js";
import { splitBySize } from "../split-by-size.js";
import { closeClient } from "./close-client.js";
import type { GroupMembership } from "./group-membership.js";
import { messagesOf, partitioner } from "./messages.js";

type Transaction = Awaited<ReturnType<Producer["beginTransaction"]>>;

interface Held {
  readonly producer: Producer;
  readonly epoch: number;
  /** Begun already: beginning the first one fences the former owner. */
  transaction: Transaction;
}

/** Its offsets name member and generation: besides the id of the producer, the group itself fences (KIP-447). */
export const createPlatformaticTransactions = (
  { brokers, clientId }: KafkaClientOptions,
  topic: string,
  membership: GroupMembership,
): PartitionTransactions => {
  const { groupId: group } = membership;
  const held = new Map<number, Held>();
  const drop = async (partition: number): Promise<void> => {
    const old = held.get(partition);
    held.delete(partition);
    if (old) await closeClient(old.producer);
  };
  const run = async (
    transaction: Transaction,
    partition: number,
    nextOffset: number,
    outputs: readonly OutgoingRecord[],
  ): Promise<void> => {
    for (const part of splitBySize(outputs, (output) => [output])) await transaction.send({ messages: messagesOf(part) });
    await transaction.addConsumer({ groupId: group } as Consumer);
    const { memberId, coordinatorId } = membership;
    const generationId = held.get(partition)?.epoch;
    // the library commits the offset after the message that it is given
    const done = {
      topic,
      partition,
      offset: BigInt(nextOffset - 1),
      metadata: { consumer: { groupId: group, generationId, memberId, coordinatorId } },
    };
    await transaction.addOffset(done as unknown as Parameters<Transaction["addOffset"]>[0]);
    await transaction.commit();
  };
  return {
    take: async (partition, epoch) => {
      if (held.get(partition)?.epoch === epoch) return false;
      await drop(partition);
      const producer = new Producer({
        clientId,
        bootstrapBrokers: [...brokers],
        transactionalId: transactionalIdOf(group, topic, partition),
        // "none yet": the library's own default asks to go on with producer 0, which brokers refuse once the id was used
        producerId: -1n,
        producerEpoch: -1,
        idempotent: true,
        autocreateTopics: false,
        acks: -1,
        partitioner,
        timeout: transactionTimeoutMs, // of requests, and of transactions
        retries: 20,
        retryDelay: 10, // a transaction after another waits out CONCURRENT_TRANSACTIONS
      });
      try {
        held.set(partition, { producer, epoch, transaction: await producer.beginTransaction() });
      } catch (error) {
        await closeClient(producer);
        throw fromKafka(`cannot take over partition ${partition} of ${topic}`, error);
      }
      return true;
    },
    commit: async (partition, nextOffset, outputs) => {
      const owner = held.get(partition);
      if (!owner)
        throw fromKafka(`partition ${partition} of ${topic}`, Object.assign(new Error("it was not taken"), { type: "PRODUCER_FENCED" }));
      const { producer, transaction } = owner;
      try {
        await run(transaction, partition, nextOffset, outputs);
        owner.transaction = await producer.beginTransaction();
      } catch (error) {
        if (!transaction.completed) await transaction.abort().catch(() => undefined);
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
