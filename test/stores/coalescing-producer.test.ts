import { setImmediate as turn } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import type { OutgoingRecord } from "../../stores/event-log/event-log.js";
import { createCoalescingProducer } from "../../stores/event-log/kafka/coalescing-producer.js";
import type { Sender } from "../../stores/event-log/kafka/kafka-client.js";

const record: OutgoingRecord = { topic: "t", key: "k", value: Buffer.from("v") };
const never = new Promise<never>(() => undefined);

it("a producer whose log is away rejects everything that waits for it, instead of one part after another", async () => {
  const large: OutgoingRecord = { ...record, value: Buffer.alloc(800_000) };
  let sends = 0;
  const send = async (): Promise<never> => {
    sends += 1;
    await turn();
    throw Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });
  };
  const producer = createCoalescingProducer(async () => ({ send, close: async () => undefined }), 1);
  const ends = await Promise.allSettled([large, large, large].map((one) => producer.append([one])));
  expect(ends).toMatchObject(Array.from({ length: 3 }, () => ({ status: "rejected", reason: { code: "UNAVAILABLE" } })));
  expect(sends).toBe(1);
});

describe("a producer that closes", () => {
  it("sends every append that was accepted before", async () => {
    const sent: OutgoingRecord[] = [];
    const slow: Sender = {
      send: async (records) => {
        await turn();
        sent.push(...records);
      },
      close: async () => undefined,
    };
    const producer = createCoalescingProducer(async () => slow, 5);
    const appends = Array.from({ length: 100 }, () => producer.append([record]));
    await producer.close();
    await Promise.all(appends);
    expect(sent).toHaveLength(100);
    await expect(producer.append([record])).rejects.toMatchObject({ code: "CLOSED" });
  });

  it("waits no longer than it may, and rejects the appends that are left", async () => {
    let sending = (): void => undefined;
    const begun = new Promise<void>((resolve) => {
      sending = resolve;
    });
    const send = (): Promise<never> => {
      sending();
      return never;
    };
    const producer = createCoalescingProducer(async () => ({ send, close: async () => undefined }), 1);
    void producer.append([record]).catch(() => undefined);
    await begun;
    const left = producer.append([record]);
    const rejected = expect(left).rejects.toMatchObject({ code: "CLOSED" });
    await producer.close(20);
    await rejected;
  });
});
