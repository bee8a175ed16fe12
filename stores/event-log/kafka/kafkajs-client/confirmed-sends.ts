import { type ICustomPartitioner, Partitioners, type RecordMetadata, type TopicMessages } from "kafkajs";
import { CarillonError } from "../../../../schemas/errors.js";

/** Makes sure that a resolved send was accepted completely. */
export interface ConfirmedSends {
  /** Passed to the producer. Records the target partition of each message of a send. */
  readonly createPartitioner: ICustomPartitioner;
  /** Allows one send at a time. Rejects UNAVAILABLE when a partition did not answer. */
  confirm(
    send: (batch: { topicMessages: TopicMessages[]; acks: number }) => Promise<RecordMetadata[]>,
    topicMessages: TopicMessages[],
  ): Promise<void>;
}

/**
 * kafkajs 2.2.4 retries a send only at brokers that have not answered. If a partition's leader moves to a broker that has, the partition is
 * skipped, yet the send resolves (sendMessages.js, brokersWithoutResponse).
 */
export const createConfirmedSends = (): ConfirmedSends => {
  const unanswered = new Set<string>();
  return {
    createPartitioner: () => {
      const choose = Partitioners.DefaultPartitioner();
      return (message) => {
        const partition = choose(message);
        unanswered.add(`${message.topic}/${partition}`);
        return partition;
      };
    },
    confirm: async (send, topicMessages) => {
      unanswered.clear();
      for (const { topicName, partition } of await send({ topicMessages, acks: -1 })) unanswered.delete(`${topicName}/${partition}`);
      if (unanswered.size > 0)
        throw new CarillonError("UNAVAILABLE", `Kafka did not confirm ${[...unanswered].join(", ")}: a leader has moved`);
    },
  };
};
