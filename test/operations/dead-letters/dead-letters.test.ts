import { beforeEach, describe, expect, it } from "vitest";
import type { DeadLetters } from "../../../operations/dead-letters/dead-letters.js";
import { deadLettersOf } from "../../../operations/dead-letters/delivery-letters.js";
import type { DeadLetter } from "../../../schemas/generated.js";
import { createDeliveryTestDriver, type DeliveryTestDriver } from "../../../service/delivery-test-driver.js";
import { loadConfig } from "../../../service/load-config.js";
import { callbacksOf } from "../../../sources/callbacks.js";
import { namesOf } from "../../../topology/names.js";

const config = loadConfig({ environment: {}, overrides: { instance: "test" } });
const { topicOf } = namesOf(config);
/** More than the log reads at once. */
const many = 2_500;

describe("dead letters", () => {
  let driver: DeliveryTestDriver;
  let letters: DeadLetters;
  beforeEach(async () => {
    driver = await createDeliveryTestDriver();
    letters = deadLettersOf(config, driver.stores, driver.assembly, callbacksOf(config, driver.assembly), driver.clock);
  });

  const keep = async (count: number, letter: Partial<DeadLetter> = {}): Promise<void> => {
    const { assembly, stores, clock } = driver;
    const codec = assembly.codecs.of(assembly.families.deadLetters);
    const base = { topic: topicOf("receipts.sms"), partition: 0, key: null, value: Buffer.from("x"), headers: {}, timestamp: 0 };
    const error = { stage: "decode", errorCode: "UNDECODABLE", errorMessage: "of the test", instance: "test" };
    const records = Array.from({ length: count }, (_, offset) => {
      const id = `${letter.stage ?? "decode"}/${offset}`;
      return { ...base, ...error, offset, deadLetterId: id, at: clock.now(), ...letter };
    });
    await stores.log.append(records.map((one) => ({ topic: topicOf("dead-letters"), key: null, value: codec.encode(one) })));
  };
  const countOf = async (filter: Parameters<DeadLetters["pages"]>[0]): Promise<number> => {
    let count = 0;
    for await (const page of letters.pages(filter)) count += page.length;
    return count;
  };

  it("finds a letter behind any number of others, however few are asked for", async () => {
    await keep(many);
    await keep(1, { stage: "route", errorCode: "STAGE_FAILED", errorMessage: "the last one" });
    const found = [{ code: "STAGE_FAILED" }, { stage: "route" }, { text: "last one" }, { ids: ["route/0"] }];
    for (const filter of found) expect(await letters.list(filter, 1)).toMatchObject([{ letter: { deadLetterId: "route/0" } }]);
  });

  it("redrives all pending letters, not the ones that return to the dead letters meanwhile", async () => {
    await keep(many);
    const progress: number[] = [];
    const onProgress = (done: number): void => void progress.push(done);
    const redriven = await letters.redrive(letters.pages({ state: "pending" }), { onProgress });
    expect(redriven).toBe(many);
    expect(progress.at(-1)).toBe(many);
    expect(await countOf({ state: "redriven" })).toBe(many);
    expect(await driver.stores.log.scan(topicOf("receipts.sms"), many * 2)).toHaveLength(many);
    expect(await letters.redrive(letters.pages({ state: "pending" }))).toBe(0);
  });

  it("reaches pending letters behind settled ones", async () => {
    await keep(many);
    await letters.discard(letters.pages({ state: "pending" }), "the first ones");
    await keep(3, { stage: "route" });
    expect(await letters.list({ state: "pending" }, 10)).toHaveLength(3);
    expect(await letters.redrive(letters.pages({ state: "pending", ids: ["route/1"] }))).toBe(1);
    expect(await letters.discard(letters.pages({ state: "pending" }), "the others")).toBe(2);
  });

  it("redrives a letter once although it is in the topic twice", async () => {
    await keep(1);
    await keep(1);
    expect(await letters.redrive(letters.pages({ state: "pending" }))).toBe(1);
  });

  it("finds letters by time although the log's clock is behind the clock of their writer", async () => {
    await keep(1, { at: driver.clock.now() + 600_000 });
    expect(await countOf({ sinceMs: driver.clock.now() + 500_000 })).toBe(1);
    expect(await countOf({ sinceMs: driver.clock.now() + 700_000 })).toBe(0);
  });

  it("stops redriving between two bites of a rate once it is aborted", async () => {
    await keep(10);
    const stop = new AbortController();
    const onProgress = (done: number): void => {
      if (done >= 4) stop.abort();
    };
    const working = letters.redrive(letters.pages({ state: "pending" }), { perSecond: 8, signal: stop.signal, onProgress });
    while (!stop.signal.aborted) await driver.clock.advance(250);
    expect(await working).toBe(4);
  });
});
