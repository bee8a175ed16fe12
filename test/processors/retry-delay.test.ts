import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { retryDelayMs } from "../../processors/retry-delay.js";
import { parameters } from "../properties/property.js";

describe("the delay before a retry", () => {
  const plain = { baseMs: 1_000, factor: 2, maxDelayMs: 5_000, jitter: 0, maxAttempts: 9, maxAgeMs: 0 };
  it.each([
    [1, 0, 1_000],
    [2, 0, 2_000],
    [4, 0, 5_000],
    [1, 7_000.5, 7_001],
  ])("after attempt %i, where %i ms are asked for, is %i ms", (attempt, askedMs, delayMs) => {
    expect(retryDelayMs(plain, "m-1", attempt, askedMs)).toBe(delayMs);
  });

  it("is whole, at least what was asked for, within policy else, and the same when told again", () => {
    const policy = fc.record({
      baseMs: fc.integer({ min: 0, max: 60_000 }),
      factor: fc.double({ min: 1, max: 10, noNaN: true }),
      maxDelayMs: fc.integer({ min: 0, max: 3_600_000 }),
      jitter: fc.double({ min: 0, max: 1, noNaN: true }),
      maxAttempts: fc.integer({ min: 1, max: 100 }),
      maxAgeMs: fc.nat(),
    });
    const asked = fc.oneof(fc.constant(0), fc.double({ min: 0, max: 1e9, noNaN: true }));
    fc.assert(
      fc.property(policy, fc.string(), fc.integer({ min: 1, max: 100 }), asked, (given, id, attempt, retryAfterMs) => {
        const delay = retryDelayMs(given, id, attempt, retryAfterMs);
        expect(Number.isSafeInteger(delay)).toBe(true);
        expect(delay).toBeGreaterThanOrEqual(retryAfterMs);
        expect(delay).toBeLessThanOrEqual(Math.max(given.maxDelayMs * (1 + given.jitter) + 1, Math.ceil(retryAfterMs)));
        expect(retryDelayMs(given, id, attempt, retryAfterMs)).toBe(delay);
      }),
      parameters,
    );
  });
});
