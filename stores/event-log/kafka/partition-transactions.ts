import type { OutgoingRecord } from "../event-log.js";
import { fromKafka } from "./kafka-errors.js";

/** A transactional producer for one input partition. After a rejection its state is uncertain, and it may only be closed. */
export interface TransactionalSender {
  /** Sends outputs and offset in one transaction, which is aborted if it fails. */
  commit(nextOffset: number, outputs: readonly OutgoingRecord[]): Promise<void>;
  close(): Promise<void>;
}

/**
 * One transactional producer per input partition, with an id made of group, topic and partition. Connecting it fences the previous owner of
 * the partition, whichever client that owner used. (kafkajs commits transactional offsets without a generation, so the group itself cannot
 * fence.)
 */
export interface PartitionTransactions {
  /** Fences the former owner of the partition, once per epoch. Resolves true if it just did. */
  take(partition: number, epoch: number): Promise<boolean>;
  /** Commits outputs and offset in one transaction. Rejects FENCED when another worker has taken the partition. */
  commit(partition: number, nextOffset: number, outputs: readonly OutgoingRecord[]): Promise<void>;
  close(): Promise<void>;
}

export const transactionalIdOf = (group: string, topic: string, partition: number): string => `${group}:${topic}:${partition}`;

/** The broker aborts a transaction that is still open after this time. */
export const transactionTimeoutMs = 60_000;

/** `connect` resolves once it has fenced the partition's former owner. */
export const createPartitionTransactions = (
  topic: string,
  connect: (partition: number, epoch: number) => Promise<TransactionalSender>,
): PartitionTransactions => {
  const held = new Map<number, { readonly sender: TransactionalSender; readonly epoch: number }>();
  const drop = async (partition: number): Promise<void> => {
    const old = held.get(partition);
    held.delete(partition);
    await old?.sender.close();
  };
  return {
    take: async (partition, epoch) => {
      if (held.get(partition)?.epoch === epoch) return false;
      await drop(partition);
      try {
        held.set(partition, { sender: await connect(partition, epoch), epoch });
      } catch (error) {
        throw fromKafka(`cannot take over partition ${partition} of ${topic}`, error);
      }
      return true;
    },
    commit: async (partition, nextOffset, outputs) => {
      const owner = held.get(partition);
      if (!owner)
        throw fromKafka(`partition ${partition} of ${topic}`, Object.assign(new Error("it was not taken"), { type: "PRODUCER_FENCED" }));
      try {
        await owner.sender.commit(nextOffset, outputs);
      } catch (error) {
        // the next attempt starts with a new producer
        await drop(partition);
        throw fromKafka(`the transaction on partition ${partition} of ${topic} was aborted`, error);
      }
    },
    close: async () => {
      await Promise.all([...held.keys()].map(drop));
    },
  };
};
