import { expect, it } from "vitest";
import { chanceOf } from "../../processors/chance.js";

it("chance depends on the text alone, and spreads evenly", () => {
  expect(chanceOf("m-1:1")).toBe(chanceOf("m-1:1"));
  const drawn = Array.from({ length: 10_000 }, (_, index) => chanceOf(`message-${index}:1`));
  for (const one of drawn) expect(one >= 0 && one < 1).toBe(true);
  for (let tenth = 0; tenth < 10; tenth += 1) {
    const share = drawn.filter((one) => Math.floor(one * 10) === tenth).length / drawn.length;
    expect(share).toBeGreaterThan(0.08);
    expect(share).toBeLessThan(0.12);
  }
});
