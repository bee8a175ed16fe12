import { expect, it } from "vitest";
import { type Guarantee, guarantees, type LogRecord } from "../../stores/event-log/event-log.js";
import { aborted } from "../support/aborted.js";
import { eventually } from "../support/eventually.js";
import { type EventLogUnderTest, end, text } from "./event-log-under-test.js";

/** Which records an EventLog hands to its consumers, in which order, and what their commits and outputs change. */
export const itHandsOutRecords = (given: EventLogUnderTest): void => {
  const { ensure, send, consume } = given;

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
      await aborted(batch.signal);
    });
    await eventually(
      () => given.log.lag(given.group, given.topic),
      ([lag]) => lag?.lag === 2,
    );
    await first.stop();
    await given.log.close();
    await given.reopen();
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
      () => given.log.lag(given.group, given.topic),
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
    const output = `${given.topic}-out`;
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
      () => given.log.scan(output, 10),
      (records) => records.length === 3,
      30_000,
    );
    expect(text(out)).toEqual(["out 1", "out 2", "out 3"]);
    await eventually(
      () => given.log.lag(given.group, given.topic),
      ([lag]) => lag?.lag === 0,
    );
  });

  it("appends an output before its offset is committed when asked to", async () => {
    await ensure(1);
    const output = `${given.topic}-out`;
    await ensure(1, output);
    await send(["1"]);
    await consume(async (batch) => {
      await batch.append([{ topic: output, key: null, value: Buffer.from("early") }]);
      await aborted(batch.signal);
    });
    await eventually(
      () => given.log.scan(output, 10),
      (records) => records.length === 1,
    );
    expect(await given.log.lag(given.group, given.topic)).toMatchObject([{ partition: 0, end: 1, committed: 0, lag: 1 }]);
  });

  it("tells how long what waits has waited, of each partition", async () => {
    await ensure(1);
    await send(["done"]);
    const consumption = await consume((batch) => batch.commit(end(batch), []));
    await eventually(
      () => given.log.lag(given.group, given.topic),
      ([one]) => one?.lag === 0 && one.committed > 0,
    );
    await consumption.stop();
    expect(await given.log.waited(given.group, given.topic)).toEqual(new Map());
    const beforeMs = Date.now();
    await send(["first"]);
    const sentMs = Date.now();
    const waited = async (): Promise<number> => (await given.log.waited(given.group, given.topic)).get(0) ?? 0;
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
        { group: `${given.group}-${name}` },
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
      await aborted(batch.signal);
      await batch.commit(1, []);
    });
    await eventually(
      () => started,
      (value) => value,
    );
    await consumption.stop();
    expect((await given.log.lag(given.group, given.topic))[0]?.committed).toBe(1);
  });
};
