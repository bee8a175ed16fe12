import { type ICustomPartitioner, Partitioners, type RecordMetadata, type TopicMessages } from "kafkajs";
import { CarillonError } from "../../../../schemas/errors.js";

/** Holds a producer to its word: what resolves was taken, all of it. */
export interface ConfirmedSends {
  /** To be given to the producer: notes where each message of a send is to go. */
  readonly createPartitioner: ICustomPartitioner;
  /** One send at a time. Rejects UNAVAILABLE when a partition did not answer. */
  confirm(
    send: (batch: { topicMessages: TopicMessages[]; acks: number }) => Promise<RecordMetadata[]>,
    topicMessages: TopicMessages[],
  ): Promise<void>;
}

/**
 * kafkajs 2.2.4 tries a send again only at brokers that have not answered: a partition whose leader moves, meanwhile, to
 * one that has, is left out, and the send resolves as if it had been taken (sendMessages.js, brokersWithoutResponse).
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
