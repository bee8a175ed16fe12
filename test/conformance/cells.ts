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

    it("removes", async () => {
      await cells.set(group, "name", "value", hourMs);
      await cells.remove(group, "name");
      await cells.remove(group, "never there");
      expect(await cells.get(group, "name")).toBeUndefined();
    });
  });
};
