import { expect, it } from "vitest";
import type { RecordBatch } from "../../stores/event-log/event-log.js";
import { eventually } from "../support/eventually.js";
import type { EventLogUnderTest } from "./event-log-under-test.js";

/** How an EventLog moves partitions between the members of a group. */
export const itMovesPartitions = (given: EventLogUnderTest): void => {
  const { ensure, send, consume } = given;

  it("moves partitions to a second member, drained before they are handed on", async () => {
    await ensure(4);
    const second = await given.openAnother();
    const inHand = new Map<number, string>();
    const overlaps: string[] = [];
    const owners = new Map<string, Set<number>>();
    const handleOne = async (name: string, batch: RecordBatch, offset: number): Promise<void> => {
      const holder = inHand.get(batch.partition);
      if (holder !== undefined && holder !== name) overlaps.push(`${batch.partition}: ${holder} and ${name}`);
      inHand.set(batch.partition, name);
      await new Promise((resolve) => setTimeout(resolve, 5));
      batch.progress();
      inHand.delete(batch.partition);
      await batch.commit(offset + 1, []);
      owners.set(name, (owners.get(name) ?? new Set()).add(batch.partition));
    };
    const member =
      (name: string) =>
      async (batch: RecordBatch): Promise<void> => {
        for (const { offset } of batch.records) if (!batch.signal.aborted) await handleOne(name, batch, offset);
      };
    await send(
      Array.from({ length: 2_000 }, (_, index) => `k${index}`),
      (value) => value,
    );
    await consume(member("first"));
    await eventually(
      () => owners.get("first")?.size ?? 0,
      (size) => size > 0,
      30_000,
    );
    await consume(member("second"), {}, second);
    await eventually(
      () => owners.get("second")?.size ?? 0,
      (size) => size >= 2,
      30_000,
    );
    await eventually(
      () => given.log.lag(given.group, given.topic),
      (lags) => lags.every(({ lag }) => lag === 0),
      60_000,
    );
    expect(overlaps).toEqual([]);
  });
};
