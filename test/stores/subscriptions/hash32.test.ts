import { describe, expect, it } from "vitest";
import { bucketsOf, hash32, hashEnd } from "../../../stores/subscriptions/hash32.js";

describe("hash32", () => {
  it("never changes: these are the first bytes of SHA-256, as any tool computes them", () => {
    // printf abc | sha256sum
    expect(["", "abc", "user-1", "日本"].map((user) => hash32(user).toString(16))).toEqual([
      "e3b0c442",
      "ba7816bf",
      "c6c289e4",
      "cf2abf0c",
    ]);
  });

  it("spreads ids evenly over buckets", () => {
    const buckets = bucketsOf(16);
    const sizes = buckets.map(() => 0);
    for (let index = 0; index < 16_000; index += 1) {
      const hash = hash32(`user-${index}`);
      const place = buckets.findIndex(({ from, end }) => from <= hash && hash < end);
      sizes[place] = (sizes[place] ?? 0) + 1;
    }
    for (const size of sizes) expect(Math.abs(size - 1_000)).toBeLessThan(200);
  });

  it("has buckets that begin where the one before ends", () => {
    for (const count of [1, 2, 3, 7, 1_000]) {
      const buckets = bucketsOf(count);
      expect(buckets).toHaveLength(count);
      expect(buckets.map(({ from }) => from)).toEqual([0, ...buckets.slice(0, -1).map(({ end }) => end)]);
      expect(buckets.at(-1)?.end).toBe(hashEnd);
    }
  });
});
