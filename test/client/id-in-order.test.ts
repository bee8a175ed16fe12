import { describe, expect, it } from "vitest";
import { idInOrder } from "../../client/id-in-order.js";

const timeOf = (id: string): number => Number.parseInt(id.replaceAll("-", "").slice(0, 12), 16);

describe("idInOrder", () => {
  it("makes UUIDs of version 7 that carry the time", () => {
    const nowMs = Date.UTC(2090, 0, 1);
    const id = idInOrder(nowMs);
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(timeOf(id)).toBe(nowMs);
  });

  it("sorts ids as they were made, within a millisecond, after a clock that was set back, and beyond its pool of random bytes", () => {
    const startMs = Date.UTC(2091, 0, 1);
    const times = Array.from({ length: 20_000 }, (_, index) => startMs + Math.floor(index / 700) - (index % 5 === 0 ? 3 : 0));
    const ids = times.map(idInOrder);
    expect(ids).toEqual([...ids].sort());
    expect(new Set(ids).size).toBe(ids.length);
  });

  it("has other random bits in each id", () => {
    const ends = Array.from({ length: 10_000 }, () => idInOrder(Date.UTC(2092, 0, 1)).slice(-10));
    expect(new Set(ends).size).toBe(ends.length);
  });
});
