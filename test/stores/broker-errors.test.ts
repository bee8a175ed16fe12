import { protocolErrors } from "@platformatic/kafka";
import { describe, expect, it } from "vitest";
import type { CarillonError } from "../../schemas/errors.js";
import { classOf } from "../../stores/event-log/kafka/broker-errors.js";
import { createCoalescingProducer } from "../../stores/event-log/kafka/coalescing-producer.js";
import { fromKafka } from "../../stores/event-log/kafka/kafka-errors.js";

const names = Object.values(protocolErrors as Record<string, { readonly id: string; readonly canRetry: boolean }>);

describe("each error that a broker may answer", () => {
  it("that the protocol calls retriable passes, and none of them buries a record", () => {
    const retriable = names.filter(({ canRetry }) => canRetry).map(({ id }) => id);
    expect(retriable.length).toBeGreaterThan(25);
    expect(retriable.filter((name) => classOf([name]) !== "passing")).toEqual([]);
  });

  it.each([
    ["MESSAGE_TOO_LARGE", "record", "RECORD_REFUSED", false],
    ["INVALID_RECORD", "record", "RECORD_REFUSED", false],
    ["INVALID_TIMESTAMP", "record", "RECORD_REFUSED", false],
    ["TOPIC_AUTHORIZATION_FAILED", "denied", "KAFKA_DENIED", true],
    ["GROUP_AUTHORIZATION_FAILED", "denied", "KAFKA_DENIED", true],
    ["POLICY_VIOLATION", "denied", "KAFKA_DENIED", true],
    ["PRODUCER_FENCED", "fenced", "FENCED", true],
    ["NOT_LEADER_OR_FOLLOWER", "passing", "UNAVAILABLE", true],
    ["UNKNOWN_SERVER_ERROR", "passing", "UNAVAILABLE", true],
    ["A_NAME_OF_A_LATER_KAFKA", "passing", "UNAVAILABLE", true],
  ])("has one class and one code: %s", (name, kind, code, retryable) => {
    expect(classOf([name])).toBe(kind);
    const error = fromKafka("a request", new Error("outer", { cause: Object.assign(new Error("inner"), { type: name }) }));
    expect(error).toMatchObject({ code, retryable, message: expect.stringContaining(name) });
  });

  it("names only errors that the protocol has", () => {
    const known = new Set(names.map(({ id }) => id));
    const classified = names.filter(({ id }) => classOf([id]) !== "passing");
    expect(classified.length).toBeGreaterThan(40);
    for (const { id } of classified) expect(known.has(id), id).toBe(true);
  });
});

describe("brokers that are away", () => {
  const serverOf = (message: string, more: object = {}) => fromKafka("cannot consume t", Object.assign(new Error(message), more)).server;

  it.each([
    ["connect ECONNREFUSED 127.0.0.1:9092", {}],
    ["No broker available", {}],
    ["Connection closed", {}],
    ["the coordinator is loading", { apiId: "GROUP_LOAD_IN_PROGRESS" }],
    ["not the coordinator", { type: "NOT_COORDINATOR" }],
  ])("are one trouble, however it is said: %s", (message, more) => {
    expect(serverOf(message, more)).toBe("Kafka");
  });

  it.each([
    ["x is not a function", {}],
    ["no such topic", { type: "UNKNOWN_TOPIC_OR_PARTITION" }],
    ["no rights", { type: "TOPIC_AUTHORIZATION_FAILED" }],
  ])("are not meant by what one topic meets: %s", (message, more) => {
    expect(serverOf(message, more)).toBeUndefined();
  });
});

describe("a record that Kafka refuses", () => {
  it("takes no other record of its send along", async () => {
    const sent: string[][] = [];
    const send = async (records: readonly { readonly value: Buffer | null }[]): Promise<void> => {
      const values = records.map(({ value }) => value?.toString() ?? "");
      if (values.includes("huge")) throw Object.assign(new Error("too large"), { type: "MESSAGE_TOO_LARGE" });
      sent.push(values);
    };
    const producer = createCoalescingProducer(async () => ({ send, close: async () => undefined }), 1);
    const append = (text: string) => producer.append([{ topic: "t", key: null, value: Buffer.from(text) }]);
    const results = await Promise.allSettled(["a", "huge", "b"].map(append));
    expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    const [, refused] = results;
    expect(refused?.status === "rejected" && (refused.reason as CarillonError)).toMatchObject({ code: "RECORD_REFUSED" });
    expect(sent).toEqual([["a"], ["b"]]);
    await producer.close();
  });
});
