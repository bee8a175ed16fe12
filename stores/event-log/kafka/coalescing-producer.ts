import type { Kafka, Producer } from "kafkajs";
import { CarillonError } from "../../../schemas/errors.js";
import type { OutgoingRecord } from "../event-log.js";
import { fromKafka } from "./kafka-errors.js";
import { splitBySize, topicMessagesOf } from "./topic-messages.js";

interface Append {
  readonly records: readonly OutgoingRecord[];
  resolve(): void;
  reject(error: unknown): void;
}

/** One producer for the process: what waits while a send is under way leaves together in the next. */
export interface CoalescingProducer {
  append(records: readonly OutgoingRecord[]): Promise<void>;
  close(): Promise<void>;
}

export const createCoalescingProducer = (kafka: Kafka, lingerMs: number): CoalescingProducer => {
  let producer: Promise<Producer> | undefined;
  let queue: Append[] = [];
  let draining: Promise<void> | undefined;
  let closed = false;

  const connect = async (): Promise<Producer> => {
    const fresh = kafka.producer({ idempotent: true, maxInFlightRequests: 1, allowAutoTopicCreation: false });
    await fresh.connect();
    return fresh;
  };
  const connected = (): Promise<Producer> => {
    producer ??= connect();
    return producer;
  };
  /** After a failed send the sequence numbers are in doubt: a new producer begins anew. */
  const renew = async (): Promise<void> => {
    const old = producer;
    producer = undefined;
    await old?.then((one) => one.disconnect()).catch(() => undefined);
  };
  const sendPart = async (part: readonly Append[]): Promise<void> => {
    try {
      const topicMessages = topicMessagesOf(part.flatMap(({ records }) => records));
      await (await connected()).sendBatch({ topicMessages, acks: -1 });
      for (const { resolve } of part) resolve();
    } catch (error) {
      await renew();
      for (const { reject } of part) reject(fromKafka("Kafka did not take records", error));
    }
  };
  const drain = async (): Promise<void> => {
    await new Promise((resolve) => setTimeout(resolve, lingerMs));
    while (queue.length > 0) {
      const taken = queue;
      queue = [];
      for (const part of splitBySize(taken, ({ records }) => records)) await sendPart(part);
    }
    draining = undefined;
  };
  return {
    append: (records) => {
      if (records.length === 0) return Promise.resolve();
      if (closed) return Promise.reject(new CarillonError("CLOSED", "the log is closed"));
      // one append that is too large for one send becomes several, in order
      const parts = splitBySize(records, (record) => [record]);
      const appended = parts.map(
        (part) =>
          new Promise<void>((resolve, reject) => {
            queue.push({ records: part, resolve, reject });
          }),
      );
      draining ??= drain();
      return Promise.all(appended).then(() => undefined);
    },
    close: async () => {
      closed = true;
      await draining;
      await producer?.then((one) => one.disconnect()).catch(() => undefined);
    },
  };
};
