import { describe, expect, it } from "vitest";
import { createKeyUse } from "../../access/key-use.js";
import { createMemoryCells } from "../../stores/cells/memory-cells.js";
import { createVirtualClock } from "../../stores/virtual-clock.js";

const start = () => {
  const clock = createVirtualClock(Date.UTC(2026, 10, 30, 8));
  const cells = createMemoryCells(clock);
  const troubles: unknown[] = [];
  let writes = 0;
  const counted: typeof cells = {
    ...cells,
    set: (...args) => {
      writes += 1;
      return cells.set(...args);
    },
  };
  return { clock, cells: counted, troubles, writes: () => writes, use: createKeyUse(counted, clock, (error) => troubles.push(error)) };
};

describe("the use of keys", () => {
  it("is written at most once a minute for each key", async () => {
    const { clock, use, writes } = start();
    for (let second = 0; second < 60; second += 1) {
      use.used("shop", "k1");
      clock.advance(1_000);
    }
    use.used("shop", "k2");
    expect(writes()).toBe(2);
    use.used("shop", "k1");
    expect(writes()).toBe(3);
    expect(await use.lastUsed("shop")).toEqual(
      new Map([
        ["k1", new Date("2026-11-30T08:01:00Z")],
        ["k2", new Date("2026-11-30T08:01:00Z")],
      ]),
    );
    expect(await use.lastUsed("other")).toEqual(new Map());
  });

  it("fails no request when the store does", async () => {
    const { cells, clock, troubles } = start();
    const use = createKeyUse({ ...cells, set: () => Promise.reject(new Error("away")) }, clock, (error) => troubles.push(error));
    use.used("shop", "k1");
    await new Promise((resolve) => setImmediate(resolve));
    expect(troubles).toEqual([new Error("away")]);
  });
});
