import { ResponseError } from "@platformatic/kafka";
import { describe, expect, it } from "vitest";
import type { FetchedBatch } from "../../stores/event-log/kafka/fetch/record-batches.js";
import { fromKafka, isError, isFencing } from "../../stores/event-log/kafka/kafka-errors.js";
import { recordsOf } from "../../stores/event-log/kafka/platformatic-client/messages.js";

const [joinGroup, unknownMember, rebalancing, notCoordinator] = [11, 25, 27, 16];
const answer = (code: number): ResponseError => new ResponseError(joinGroup, 9, { "/": [code, null] }, {} as never);

describe("what a broker answers", () => {
  it("is found at whatever depth, by either library", () => {
    expect(isFencing(answer(unknownMember))).toBe(true);
    expect(isFencing(answer(rebalancing))).toBe(true);
    expect(isFencing(new Error("outer", { cause: answer(unknownMember) }))).toBe(true);
    expect(isFencing(answer(notCoordinator))).toBe(false);
    expect(isFencing(Object.assign(new Error("kafkajs's"), { type: "ILLEGAL_GENERATION" }))).toBe(true);
    expect(isError(answer(notCoordinator), "NOT_COORDINATOR")).toBe(true);
    expect(fromKafka("joining", answer(notCoordinator)).message).toContain("(NOT_COORDINATOR)");
  });
});

const batch = (
  firstOffset: number,
  producerId: number,
  kind: "plain" | "transactional" | "marker",
  keys: readonly Buffer[],
): FetchedBatch => ({
  firstOffset,
  lastOffset: firstOffset + keys.length - 1,
  producerId: BigInt(producerId),
  isTransactional: kind !== "plain",
  isControl: kind === "marker",
  records: keys.map((key, index) => ({ offset: firstOffset + index, timestampMs: 0, key, value: key, headers: {} })),
});
const data = (firstOffset: number, producerId: number, kind: "plain" | "transactional" = "transactional"): FetchedBatch =>
  batch(firstOffset, producerId, kind, [Buffer.from("a"), Buffer.from("b")]);
const marker = (firstOffset: number, producerId: number, type: "abort" | "commit"): FetchedBatch =>
  batch(firstOffset, producerId, "marker", [Buffer.from([0, 0, 0, type === "abort" ? 0 : 1])]);
const aborted = (...transactions: [producerId: number, firstOffset: number][]) =>
  transactions.map(([producerId, firstOffset]) => ({ producerId: BigInt(producerId), firstOffset: BigInt(firstOffset) }));

describe("records fetched by the second client", () => {
  const read = (batches: readonly FetchedBatch[], transactions: ReturnType<typeof aborted>, from = 0) => {
    const { records, next } = recordsOf("t", 0, batches, transactions, from);
    return { offsets: records.map(({ offset }) => offset), next };
  };

  it("are those that were committed, and the rest is passed over", () => {
    const batches = [data(0, 1), data(2, 2), marker(4, 1, "abort"), marker(5, 2, "commit"), data(6, 3, "plain")];
    expect(read(batches, aborted([1, 0]))).toEqual({ offsets: [2, 3, 6, 7], next: 8 });
    expect(read(batches, aborted([1, 0]), 3)).toEqual({ offsets: [3, 6, 7], next: 8 });
  });

  it("leave out every aborted transaction of a producer, and no committed one between", () => {
    const batches = [data(0, 1), marker(2, 1, "abort"), data(3, 1), marker(5, 1, "commit"), data(6, 1), marker(8, 1, "abort")];
    expect(read(batches, aborted([1, 0], [1, 6]))).toEqual({ offsets: [3, 4], next: 9 });
  });

  it("leave out an aborted transaction whose marker was not fetched with it", () => {
    expect(read([data(0, 1)], aborted([1, 0]))).toEqual({ offsets: [], next: 2 });
  });

  it("may begin with the marker of a transaction that is not told of", () => {
    expect(read([marker(4, 7, "abort"), data(5, 1), marker(7, 1, "commit")], aborted([2, 100]))).toEqual({ offsets: [5, 6], next: 8 });
  });
});
