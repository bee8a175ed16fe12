import type { OutgoingRecord } from "../event-log.js";

/**
 * One transactional producer per input partition, its id made of group, topic and partition: connecting it fences
 * whoever had the partition before, by whichever client. (kafkajs commits transactional offsets without naming a
 * generation, so there the group itself cannot fence.)
 */
export interface PartitionTransactions {
  /** Fences the former owner of the partition, once for each epoch. Resolves true when it just did. */
  take(partition: number, epoch: number): Promise<boolean>;
  /** Outputs and offset in one transaction. Rejects FENCED when another has taken the partition. */
  commit(partition: number, nextOffset: number, outputs: readonly OutgoingRecord[]): Promise<void>;
  close(): Promise<void>;
}

export const transactionalIdOf = (group: string, topic: string, partition: number): string => `${group}:${topic}:${partition}`;

/** A transaction that is not ended within this is aborted by the broker. */
export const transactionTimeoutMs = 60_000;
