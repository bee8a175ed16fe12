import { CarillonError } from "../../../schemas/errors.js";
import { endedWithin, withinDeadline } from "../../deadline.js";
import type { OutgoingRecord } from "../event-log.js";
import type { Sender } from "./kafka-client.js";
import { fromKafka } from "./kafka-errors.js";
import { splitBySize } from "./split-by-size.js";

interface Append {
  readonly records: readonly OutgoingRecord[];
  resolve(): void;
  reject(error: unknown): void;
}

/** Collects appends while a send is under way; they leave together in the next. */
export interface CoalescingProducer {
  append(records: readonly OutgoingRecord[]): Promise<void>;
  /** Sends the appends that were accepted, at most for `timeoutMs`; those left are rejected CLOSED. */
  close(timeoutMs?: number): Promise<void>;
}

/** A broker answers a send within this, or its producer is replaced: brokers themselves give up after as long. */
const sendDeadlineMs = 30_000;
/** A producer that does not disconnect within this is left to end by itself. */
const disconnectMs = 5_000;

export const createCoalescingProducer = (connect: () => Promise<Sender>, lingerMs: number): CoalescingProducer => {
  let sender: Promise<Sender> | undefined;
  let queue: Append[] = [];
  let draining: Promise<void> | undefined;
  let closed = false;

  const connected = (): Promise<Sender> => {
    sender ??= connect();
    return sender;
  };
  /** After a failed send the sequence numbers are in doubt, and the connection may be dead: a new producer takes over. */
  const renew = async (): Promise<void> => {
    const old = sender;
    sender = undefined;
    if (old)
      await endedWithin(
        disconnectMs,
        old.then((one) => one.close()),
      );
  };
  const sendPart = async (part: readonly Append[]): Promise<void> => {
    try {
      const sending = connected().then((one) => one.send(part.flatMap(({ records }) => records)));
      await withinDeadline("Kafka", sendDeadlineMs, sending);
      for (const { resolve } of part) resolve();
    } catch (error) {
      await renew();
      await refuse(part, fromKafka("Kafka did not take records", error));
    }
  };
  /** One record that Kafka never takes must not take the others of its send along. */
  const refuse = async (part: readonly Append[], error: CarillonError): Promise<void> => {
    if (error.code === "RECORD_REFUSED" && part.length > 1) for (const one of part) await sendPart([one]);
    else for (const { reject } of part) reject(error);
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
    close: async (timeoutMs = 2 * sendDeadlineMs) => {
      closed = true;
      if (draining && !(await endedWithin(timeoutMs, draining))) {
        for (const { reject } of queue) reject(new CarillonError("CLOSED", "the log was closed before Kafka took the records"));
        queue = [];
      }
      await renew();
    },
  };
};
