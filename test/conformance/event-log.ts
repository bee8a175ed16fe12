import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CarillonError } from "../../schemas/errors.js";
import type { ConsumeOptions, Consumption, EventLog, Guarantee, LogRecord, RecordBatch } from "../../stores/event-log/event-log.js";
import { guarantees } from "../../stores/event-log/event-log.js";
import { eventually } from "../support/eventually.js";
import { uniqueName } from "../support/scratch.js";

export interface EventLogFactory {
  readonly name: string;
  /** A log on the same data as the previous ones. */
  open(): Promise<EventLog>;
  /** Whether several logs may consume in one group, so that partitions move between them. */
  readonly rebalances: boolean;
}

const text = (records: readonly LogRecord[]): string[] => records.map((record) => record.value?.toString() ?? "");

/** Conformance suite of EventLog. */
export const describeEventLog = (factory: EventLogFactory): void => {
  describe(`EventLog on ${factory.name}`, () => {
    let log: EventLog;
    let topic: string;
    let group: string;
    let consumptions: Consumption[];
    const extra: EventLog[] = [];

    beforeEach(async () => {
      log = await factory.open();
      topic = uniqueName("topic");
      group = uniqueName("group");
      consumptions = [];
    });
    afterEach(async () => {
      await Promise.all(consumptions.map((consumption) => consumption.stop()));
      await Promise.all([log, ...extra.splice(0)].map((one) => one.close()));
    });

    const ensure = (partitions: number, name = topic): Promise<void> =>
      log.ensureTopics([{ topic: name, partitions, retentionMs: 3_600_000 }]);
    const send = (values: readonly string[], key: (value: string) => string = () => "k"): Promise<void> =>
      log.append(values.map((value) => ({ topic, key: key(value), value: Buffer.from(value) })));
    const consume = async (
      onBatch: (batch: RecordBatch) => Promise<void>,
      options: Partial<ConsumeOptions> = {},
      from = log,
    ): Promise<Consumption> => {
      const consumption = await from.consume({
        group,
        topic,
        consumers: 1,
        guarantee: "at_least_once",
        maxBatchRecords: 100,
        onError: () => undefined,
        ...options,
        onBatch,
      });
      consumptions.push(consumption);
      return consumption;
    };
    const end = (batch: RecordBatch): number => (batch.records.at(-1)?.offset ?? -1) + 1;

    it("keeps key, value and headers byte for byte, null included", async () => {
      await ensure(1);
      const value = Buffer.from([0, 255, 1, 128]);
      await log.append([
        { topic, key: Buffer.from([9, 0, 200]), value, headers: { trace: Buffer.from([1, 2]), name: "text" } },
        { topic, key: null, value: null },
      ]);
      const [first, second] = await log.scan(topic, 10);
      expect(first?.key).toEqual(Buffer.from([9, 0, 200]));
      expect(first?.value).toEqual(value);
      expect(first?.headers.trace).toEqual(Buffer.from([1, 2]));
      expect(first?.headers.name?.toString()).toBe("text");
      expect(Math.abs((first?.timestampMs ?? 0) - Date.now())).toBeLessThan(400 * 86_400_000);
      expect(second).toMatchObject({ key: null, value: null, offset: 1 });
    });

    it("keeps records of one key in order, over appends and partitions", async () => {
      await ensure(4);
      const keys = ["a", "b", "c", "d", "e"];
      for (let round = 0; round < 20; round += 1)
        await send(
          keys.map((key) => `${key}${round}`),
          (value) => value.slice(0, 1),
        );
      const seen: LogRecord[] = [];
      await consume(async (batch) => {
        seen.push(...batch.records);
        await batch.commit(end(batch), []);
      });
      await eventually(
        () => seen.length,
        (count) => count === 100,
      );
      for (const key of keys) {
        const own = seen.filter((record) => record.key?.toString() === key);
        expect(text(own)).toEqual(Array.from({ length: 20 }, (_, round) => `${key}${round}`));
        expect(new Set(own.map((record) => record.partition)).size).toBe(1);
      }
    });

    it("goes on after the committed offset, in another consumption and after closing", async () => {
      await ensure(1);
      await send(["1", "2", "3", "4"]);
      const first = await consume(async (batch) => {
        await batch.commit(2, []);
        await new Promise((resolve) => batch.signal.addEventListener("abort", resolve));
      });
      await eventually(
        () => log.lag(group, topic),
        ([lag]) => lag?.lag === 2,
      );
      await first.stop();
      await log.close();
      log = await factory.open();
      const seen: string[] = [];
      await consume(async (batch) => {
        seen.push(...text(batch.records));
        await batch.commit(end(batch), []);
      });
      await eventually(
        () => seen,
        (values) => values.length === 2,
      );
      expect(seen).toEqual(["3", "4"]);
    });

    it("gives what was not committed again after the handler rejects", async () => {
      await ensure(1);
      await send(["1", "2"]);
      const tries: string[][] = [];
      const errors: unknown[] = [];
      await consume(
        async (batch) => {
          tries.push(text(batch.records));
          if (tries.length < 3) throw new Error("not now");
          await batch.commit(end(batch), []);
        },
        { onError: (error) => errors.push(error) },
      );
      await eventually(
        () => log.lag(group, topic),
        ([lag]) => lag?.lag === 0,
      );
      expect(tries.slice(0, 3)).toEqual([
        ["1", "2"],
        ["1", "2"],
        ["1", "2"],
      ]);
      expect(errors).toHaveLength(2);
    });

    it.each(guarantees)("has outputs readable once committed in %s", async (guarantee: Guarantee) => {
      await ensure(1);
      const output = `${topic}-out`;
      await ensure(1, output);
      await send(["1", "2", "3"]);
      await consume(
        async (batch) => {
          await batch.commit(
            end(batch),
            batch.records.map((record) => ({ topic: output, key: "k", value: Buffer.from(`out ${record.value}`) })),
          );
        },
        { guarantee },
      );
      const out = await eventually(
        () => log.scan(output, 10),
        (records) => records.length === 3,
        30_000,
      );
      expect(text(out)).toEqual(["out 1", "out 2", "out 3"]);
      await eventually(
        () => log.lag(group, topic),
        ([lag]) => lag?.lag === 0,
      );
    });

    it("appends an output before its offset is committed when asked to", async () => {
      await ensure(1);
      const output = `${topic}-out`;
      await ensure(1, output);
      await send(["1"]);
      await consume(async (batch) => {
        await batch.append([{ topic: output, key: null, value: Buffer.from("early") }]);
        await new Promise((resolve) => batch.signal.addEventListener("abort", resolve));
      });
      await eventually(
        () => log.scan(output, 10),
        (records) => records.length === 1,
      );
      expect(await log.lag(group, topic)).toMatchObject([{ partition: 0, end: 1, committed: 0, lag: 1 }]);
    });

    it("tells how long what waits has waited, of each partition", async () => {
      await ensure(1);
      await send(["done"]);
      const consumption = await consume((batch) => batch.commit(end(batch), []));
      await eventually(
        () => log.lag(group, topic),
        ([one]) => one?.lag === 0 && one.committed > 0,
      );
      await consumption.stop();
      expect(await log.waited(group, topic)).toEqual(new Map());
      const beforeMs = Date.now();
      await send(["first"]);
      const sentMs = Date.now();
      const waited = async (): Promise<number> => (await log.waited(group, topic)).get(0) ?? 0;
      await eventually(waited, (ms) => ms > 200);
      await send(["second"]);
      const askedMs = Date.now();
      const waitedMs = await waited();
      // the first was appended between two times, and queried between two others; the answer is accurate to an eighth
      expect(waitedMs).toBeGreaterThanOrEqual((askedMs - sentMs) * (7 / 8) - 1);
      expect(waitedMs).toBeLessThanOrEqual((Date.now() - beforeMs) * (9 / 8) + 1);
    });

    it("serves groups independently", async () => {
      await ensure(2);
      await send(["1", "2", "3"], (value) => value);
      const seen = new Map<string, string[]>([
        ["a", []],
        ["b", []],
      ]);
      for (const [name, values] of seen) {
        await consume(
          async (batch) => {
            values.push(...text(batch.records));
            await batch.commit(end(batch), []);
          },
          { group: `${group}-${name}` },
        );
      }
      await eventually(
        () => [...seen.values()].map((values) => values.length),
        (lengths) => lengths.every((length) => length === 3),
        30_000,
      );
    });

    it("never hands out more than the batch may hold", async () => {
      await ensure(1);
      await send(Array.from({ length: 250 }, (_, index) => String(index)));
      const sizes: number[] = [];
      const seen: string[] = [];
      await consume(
        async (batch) => {
          sizes.push(batch.records.length);
          seen.push(...text(batch.records));
          await batch.commit(end(batch), []);
        },
        { maxBatchRecords: 40 },
      );
      await eventually(
        () => seen.length,
        (count) => count === 250,
      );
      expect(Math.max(...sizes)).toBeLessThanOrEqual(40);
      expect(seen).toEqual(Array.from({ length: 250 }, (_, index) => String(index)));
    });

    it("aborts the signal on stop and lets what is in hand commit", async () => {
      await ensure(1);
      await send(["1", "2", "3"]);
      let started = false;
      const consumption = await consume(async (batch) => {
        started = true;
        await new Promise((resolve) => batch.signal.addEventListener("abort", resolve));
        await batch.commit(1, []);
      });
      await eventually(
        () => started,
        (value) => value,
      );
      await consumption.stop();
      expect((await log.lag(group, topic))[0]?.committed).toBe(1);
    });

    it("grows partitions and refuses to shrink them, naming every topic", async () => {
      const other = `${topic}-other`;
      await ensure(2);
      await ensure(3, other);
      await ensure(4);
      expect(
        await eventually(
          () => log.lag(group, topic),
          (lags) => lags.length === 4,
        ),
      ).toHaveLength(4);
      const shrinking = log.ensureTopics([
        { topic, partitions: 1, retentionMs: 1_000 },
        { topic: other, partitions: 2, retentionMs: 1_000 },
      ]);
      await expect(shrinking).rejects.toThrow(CarillonError);
      await expect(shrinking).rejects.toThrow(`${topic} has 4, but the configuration sets 1; ${other} has 3, but the configuration sets 2`);
    });

    it("takes many appends at once and loses none", async () => {
      await ensure(3);
      await Promise.all(
        Array.from({ length: 300 }, (_, index) => log.append([{ topic, key: `k${index}`, value: Buffer.alloc(1_000, index % 256) }])),
      );
      const records = await log.scan(topic, 1_000);
      expect(records).toHaveLength(300);
      expect(new Set(records.map((record) => record.key?.toString())).size).toBe(300);
    });

    it("takes an append that is larger than one send may be", async () => {
      await ensure(1);
      await log.append(Array.from({ length: 30 }, (_, index) => ({ topic, key: null, value: Buffer.alloc(100_000, index) })));
      const records = await log.scan(topic, 100);
      expect(records.map((record) => record.value?.[0])).toEqual(Array.from({ length: 30 }, (_, index) => index));
    });

    it("rejects everything once closed", async () => {
      await ensure(1);
      await log.close();
      await log.close();
      await expect(send(["late"])).rejects.toMatchObject({ code: "CLOSED" });
      log = await factory.open();
    });

    if (factory.rebalances)
      it("moves partitions to a second member, drained before they are handed on", async () => {
        await ensure(4);
        const second = await factory.open();
        extra.push(second);
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
          () => log.lag(group, topic),
          (lags) => lags.every(({ lag }) => lag === 0),
          60_000,
        );
        expect(overlaps).toEqual([]);
      });
  });
};
