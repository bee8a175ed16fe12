import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Cells } from "../../stores/cells/cells.js";
import { uniqueName } from "../support/scratch.js";
import type { PortFactory } from "./claims.js";

const hourMs = 3_600_000;

/** Conformance suite of Cells. */
export const describeCells = (factory: PortFactory<Cells>): void => {
  describe(`Cells on ${factory.name}`, () => {
    let cells: Cells;
    let group: string;
    beforeAll(async () => {
      cells = await factory.open();
    });
    beforeEach(() => {
      group = uniqueName("group");
    });
    afterAll(async () => {
      await cells.close();
      await factory.dispose?.();
    });

    it("gives back what was set last, by name, and the whole group", async () => {
      await cells.set(group, "one", "1", hourMs);
      await cells.set(group, "one", "first: 1", hourMs);
      await cells.set(group, "two", "Grüße", hourMs);
      expect(await cells.get(group, "one")).toBe("first: 1");
      expect(await cells.get(group, "three")).toBeUndefined();
      expect(await cells.all(group)).toEqual(
        new Map([
          ["one", "first: 1"],
          ["two", "Grüße"],
        ]),
      );
    });

    it("keeps groups apart, one of which begins like another", async () => {
      await cells.set(group, "name", "mine", hourMs);
      await cells.set(`${group}-other`, "name", "theirs", hourMs);
      expect(await cells.all(group)).toEqual(new Map([["name", "mine"]]));
    });

    it("forgets each after its time, the longer ones later", async () => {
      await cells.set(group, "short", "s", 100);
      await cells.set(group, "long", "l", hourMs);
      await factory.pass(200);
      expect(await cells.all(group)).toEqual(new Map([["long", "l"]]));
      expect(await cells.get(group, "short")).toBeUndefined();
    });

    it("counts to the most that is allowed, and back to 0, however many count at once", async () => {
      const bounds = { most: 10, ttlMs: hourMs };
      const add = (amount: number, most = bounds.most) => cells.add(group, "number", amount, { ...bounds, most });
      expect(await add(4)).toEqual({ added: 4, total: 4 });
      const answers = await Promise.all(Array.from({ length: 10 }, () => add(1)));
      expect(answers.filter(({ added }) => added === 1)).toHaveLength(6);
      expect(await add(3)).toEqual({ added: 0, total: 10 });
      expect(await add(-2)).toEqual({ added: -2, total: 8 });
      expect(await add(5)).toEqual({ added: 2, total: 10 });
      // a bound that was lowered takes nothing away
      expect(await add(1, 5)).toEqual({ added: 0, total: 10 });
      expect(await add(-20, 5)).toEqual({ added: -10, total: 0 });
      expect(await cells.add(group, "other", 1, bounds)).toEqual({ added: 1, total: 1 });
    });

    it("forgets a number after its time, which each addition renews", async () => {
      const add = (name: string, ttlMs: number) => cells.add(group, name, 1, { most: 10, ttlMs });
      await add("short", 100);
      await add("renewed", 100);
      await add("renewed", hourMs);
      await factory.pass(200);
      expect(await add("short", hourMs)).toEqual({ added: 1, total: 1 });
      expect(await add("renewed", hourMs)).toEqual({ added: 1, total: 3 });
    });

    it("removes", async () => {
      await cells.set(group, "name", "value", hourMs);
      await cells.remove(group, "name");
      await cells.remove(group, "never there");
      expect(await cells.get(group, "name")).toBeUndefined();
    });
  });
};
