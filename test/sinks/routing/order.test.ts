import { describe, expect, it } from "vitest";
import { orderOf } from "../../../sinks/routing/order.js";

const shares = (route: Parameters<typeof orderOf>[0], kept: Readonly<Record<string, number>> = {}): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (let draw = 0; draw < 1_000; draw += 1) {
    const [first = ""] = orderOf(route, (name) => kept[name] ?? 1, draw / 1_000);
    counts[first] = (counts[first] ?? 0) + 1;
  }
  return counts;
};
const split = [
  { name: "a", weight: 70 },
  { name: "b", weight: 30 },
];
const withBackup = [
  { name: "first", weight: 1 },
  { name: "second", weight: 0 },
  { name: "third", weight: 0 },
];

describe("the order in which providers are asked", () => {
  it("draws the first by weight, and names the others after it", () => {
    expect(shares(split)).toEqual({ a: 700, b: 300 });
    expect(orderOf(split, () => 1, 0.99)).toEqual(["b", "a"]);
  });

  it("moves what an ill provider does not keep to the others", () => {
    const { a = 0, b = 0 } = shares(split, { a: 0.1 });
    expect(a / (a + b)).toBeCloseTo(7 / 37, 1);
  });

  it("leaves all to the first of a preference, and what that does not keep to the next", () => {
    expect(shares(withBackup)).toEqual({ first: 1_000 });
    expect(shares(withBackup, { first: 0.3 })).toEqual({ first: 300, second: 700 });
    expect(orderOf(withBackup, () => 1, 0.5)).toEqual(["first", "second", "third"]);
  });

  it("knows one provider, and none", () => {
    expect(orderOf([{ name: "only", weight: 0 }], () => 0.1, 0.5)).toEqual(["only"]);
    expect(orderOf([], () => 1, 0.5)).toEqual([]);
  });
});
