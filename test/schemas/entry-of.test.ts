import { expect, it } from "vitest";
import { entryOf } from "../../schemas/entry-of.js";

it("finds entries, and nothing that every object has", () => {
  const table = { one: 1, 2: 2 };
  expect([entryOf(table, "one"), entryOf(table, 2)]).toEqual([1, 2]);
  expect([entryOf(table, "constructor"), entryOf(table, "__proto__"), entryOf(table, "none")]).toEqual([undefined, undefined, undefined]);
});
