import { CarillonError } from "../../../schemas/errors.js";
import type { OutgoingRecord } from "../event-log.js";
import type { Sender } from "./kafka-client.js";
import { fromKafka } from "./kafka-errors.js";
import { splitBySize } from "./split-by-size.js";

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

export const createCoalescingProducer = (connect: () => Promise<Sender>, lingerMs: number): CoalescingProducer => {
  let sender: Promise<Sender> | undefined;
  let queue: Append[] = [];
  let draining: Promise<void> | undefined;
  let closed = false;

  const connected = (): Promise<Sender> => {
    sender ??= connect();
    return sender;
  };
  /** After a failed send the sequence numbers are in doubt: a new producer begins anew. */
  const renew = async (): Promise<void> => {
    const old = sender;
    sender = undefined;
    await old?.then((one) => one.close()).catch(() => undefined);
  };
  const sendPart = async (part: readonly Append[]): Promise<void> => {
    try {
      await (await connected()).send(part.flatMap(({ records }) => records));
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
      await sender?.then((one) => one.close()).catch(() => undefined);
    },
  };
};
