import { expect, it } from "vitest";
import { CarillonError } from "../../schemas/errors.js";
import { eventually } from "../support/eventually.js";
import type { EventLogUnderTest } from "./event-log-under-test.js";

/** What an EventLog keeps and in which topics, apart from consumers. */
export const itKeepsRecords = (given: EventLogUnderTest): void => {
  const { ensure, send } = given;

  it("keeps key, value and headers byte for byte, null included", async () => {
    await ensure(1);
    const value = Buffer.from([0, 255, 1, 128]);
    await given.log.append([
      { topic: given.topic, key: Buffer.from([9, 0, 200]), value, headers: { trace: Buffer.from([1, 2]), name: "text" } },
      { topic: given.topic, key: null, value: null },
    ]);
    const [first, second] = await given.log.scan(given.topic, 10);
    expect(first?.key).toEqual(Buffer.from([9, 0, 200]));
    expect(first?.value).toEqual(value);
    expect(first?.headers.trace).toEqual(Buffer.from([1, 2]));
    expect(first?.headers.name?.toString()).toBe("text");
    expect(Math.abs((first?.timestampMs ?? 0) - Date.now())).toBeLessThan(400 * 86_400_000);
    expect(second).toMatchObject({ key: null, value: null, offset: 1 });
  });

  it("grows partitions and refuses to shrink them, naming every topic", async () => {
    const other = `${given.topic}-other`;
    await ensure(2);
    await ensure(3, other);
    await ensure(4);
    expect(
      await eventually(
        () => given.log.lag(given.group, given.topic),
        (lags) => lags.length === 4,
      ),
    ).toHaveLength(4);
    const shrinking = given.log.ensureTopics([
      { topic: given.topic, partitions: 1, retentionMs: 1_000 },
      { topic: other, partitions: 2, retentionMs: 1_000 },
    ]);
    await expect(shrinking).rejects.toThrow(CarillonError);
    await expect(shrinking).rejects.toThrow(
      `${given.topic} has 4, but the configuration sets 1; ${other} has 3, but the configuration sets 2`,
    );
  });

  it("takes many appends at once and loses none", async () => {
    await ensure(3);
    await Promise.all(
      Array.from({ length: 300 }, (_, index) =>
        given.log.append([{ topic: given.topic, key: `k${index}`, value: Buffer.alloc(1_000, index % 256) }]),
      ),
    );
    const records = await given.log.scan(given.topic, 1_000);
    expect(records).toHaveLength(300);
    expect(new Set(records.map((record) => record.key?.toString())).size).toBe(300);
  });

  it("takes an append that is larger than one send may be", async () => {
    await ensure(1);
    await given.log.append(
      Array.from({ length: 30 }, (_, index) => ({ topic: given.topic, key: null, value: Buffer.alloc(100_000, index) })),
    );
    const records = await given.log.scan(given.topic, 100);
    expect(records.map((record) => record.value?.[0])).toEqual(Array.from({ length: 30 }, (_, index) => index));
  });

  it("reads page by page to the end at the time of the call, however long a page takes", async () => {
    await ensure(2);
    const values = Array.from({ length: 1_500 }, (_, index) => `v${index}`);
    await send(values, (value) => value);
    const read: string[] = [];
    for await (const page of given.log.pages(given.topic)) {
      expect(new Set(page.map(({ partition }) => partition)).size).toBe(1);
      if (read.length === 0) await send(["later"]);
      read.push(...page.map(({ value }) => String(value)));
    }
    expect(read.toSorted()).toEqual(values.toSorted());
    for await (const page of given.log.pages(given.topic)) {
      expect(page.length).toBeGreaterThan(0);
      break;
    }
    expect((await given.log.scan(given.topic, 7)).length).toBe(7);
    for await (const _page of given.log.pages(given.topic, Date.now() + 400 * 86_400_000)) expect.unreachable("no record is that late");
  });

  it("rejects everything once closed", async () => {
    await ensure(1);
    await given.log.close();
    await given.log.close();
    await expect(send(["late"])).rejects.toMatchObject({ code: "CLOSED" });
    await given.reopen();
  });
};
