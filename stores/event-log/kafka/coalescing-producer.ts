import { CarillonError } from "../../../schemas/errors.js";
import { endedWithin, withinDeadline } from "../../deadline.js";
import type { OutgoingRecord } from "../event-log.js";
import { logClosed } from "../log-closed.js";
import type { Sender } from "./kafka-client.js";
import { fromKafka } from "./kafka-errors.js";
import { splitBySize } from "./split-by-size.js";

interface Append {
  readonly records: readonly OutgoingRecord[];
  resolve(): void;
  reject(error: unknown): void;
}

/** Collects appends while a send is in flight and sends them together afterwards. */
export interface CoalescingProducer {
  append(records: readonly OutgoingRecord[]): Promise<void>;
  /** Sends the accepted appends for at most `timeoutMs`, then rejects the rest with CLOSED. */
  close(timeoutMs?: number): Promise<void>;
}

/** If a broker does not answer a send within this time, the producer is replaced. Brokers themselves give up after the same time. */
const sendDeadlineMs = 30_000;
/** Carillon stops waiting for a producer that takes longer than this to disconnect. */
const disconnectMs = 5_000;

const createRenewedSender = (connect: () => Promise<Sender>) => {
  let sender: Promise<Sender> | undefined;
  return {
    connected: (): Promise<Sender> => {
      sender ??= connect();
      return sender;
    },
    /** After a failed send the sequence numbers are uncertain and the connection may be dead, so a new producer takes over. */
    renew: async (): Promise<void> => {
      const old = sender;
      sender = undefined;
      if (old)
        await endedWithin(
          disconnectMs,
          old.then((one) => one.close()),
        );
    },
  };
};

const rejectAll = (appends: readonly Append[], error: CarillonError): void => {
  for (const { reject } of appends) reject(error);
};

export const createCoalescingProducer = (connect: () => Promise<Sender>, lingerMs: number): CoalescingProducer => {
  const { connected, renew } = createRenewedSender(connect);
  let queue: Append[] = [];
  let draining: Promise<void> | undefined;
  let closed = false;

  /** Resolves with the error if Kafka is not available. */
  const sendPart = async (part: readonly Append[]): Promise<CarillonError | undefined> => {
    try {
      const sending = connected().then((one) => one.send(part.flatMap(({ records }) => records)));
      await withinDeadline("Kafka", sendDeadlineMs, sending);
      for (const { resolve } of part) resolve();
      return undefined;
    } catch (error) {
      await renew();
      const refusal = fromKafka("Kafka did not accept records", error);
      await refuse(part, refusal);
      return refusal.code === "UNAVAILABLE" ? refusal : undefined;
    }
  };
  /** One record that Kafka never accepts must not fail the other records of the same send. */
  const refuse = async (part: readonly Append[], error: CarillonError): Promise<void> => {
    if (error.code === "RECORD_REFUSED" && part.length > 1) for (const one of part) await sendPart([one]);
    else rejectAll(part, error);
  };
  const drain = async (): Promise<void> => {
    await new Promise((resolve) => setTimeout(resolve, lingerMs));
    while (queue.length > 0) {
      const taken = queue;
      queue = [];
      let outage: CarillonError | undefined;
      for (const part of splitBySize(taken, ({ records }) => records)) {
        if (outage) rejectAll(part, outage);
        else outage = await sendPart(part);
      }
      if (!outage) continue;
      // appends that waited meanwhile fail as well: one deadline after another would let them wait for minutes
      rejectAll(queue, outage);
      queue = [];
    }
    draining = undefined;
  };
  return {
    append: (records) => {
      if (records.length === 0) return Promise.resolve();
      if (closed) return Promise.reject(logClosed());
      // an append that is too large for one send is split into several, in order
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
        for (const { reject } of queue) reject(new CarillonError("CLOSED", "the log was closed before Kafka accepted the records"));
        queue = [];
      }
      await renew();
    },
  };
};
