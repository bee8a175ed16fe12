import type { RecordMetadata, TopicMessages } from "kafkajs";
import { describe, expect, it } from "vitest";
import { createConfirmedSends } from "../../stores/event-log/kafka/kafkajs-client/confirmed-sends.js";

const partitionMetadata = Array.from({ length: 4 }, (_, partitionId) => ({
  partitionId,
  partitionErrorCode: 0,
  leader: 1,
  replicas: [],
  isr: [],
  offlineReplicas: [],
}));
const topicMessages: TopicMessages[] = [{ topic: "t", messages: ["a", "b", "c", "d"].map((key) => ({ key, value: key })) }];

/** A producer like kafkajs's: partitions from the partitioner, an answer for each partition that `answers` allows. */
const producer = (
  createPartitioner: ReturnType<typeof createConfirmedSends>["createPartitioner"],
  answers: (partition: number) => boolean,
) => {
  const choose = createPartitioner();
  return async (batch: { topicMessages: TopicMessages[] }): Promise<RecordMetadata[]> => {
    const partitions = batch.topicMessages.flatMap(({ topic, messages }) =>
      messages.map((message) => choose({ topic, partitionMetadata, message })),
    );
    return [...new Set(partitions)].filter(answers).map((partition) => ({ topicName: "t", partition, errorCode: 0, baseOffset: "0" }));
  };
};

describe("sends by kafkajs", () => {
  it("resolve when every partition has answered", async () => {
    const { createPartitioner, confirm } = createConfirmedSends();
    await expect(
      confirm(
        producer(createPartitioner, () => true),
        topicMessages,
      ),
    ).resolves.toBeUndefined();
  });

  it("reject when the library resolves without having asked the new leader of a partition", async () => {
    const { createPartitioner, confirm } = createConfirmedSends();
    let left: number | undefined;
    const forgetful = producer(createPartitioner, (partition) => {
      left ??= partition;
      return partition !== left;
    });
    await expect(confirm(forgetful, topicMessages)).rejects.toMatchObject({ code: "UNAVAILABLE", retryable: true });
    await expect(
      confirm(
        producer(createPartitioner, () => true),
        topicMessages,
      ),
    ).resolves.toBeUndefined();
  });
});
