import { describe, expect, it } from "vitest";
import { retryAfterMsOf } from "../../wire/retry-after.js";

const now = Date.UTC(2026, 10, 25, 12, 0, 0);
const mostMs = 900_000;

describe("Retry-After", () => {
  it.each([
    ["0", 0],
    ["7", 7_000],
    [" 120 ", 120_000],
    ["007", 7_000],
    ["Wed, 25 Nov 2026 12:01:00 GMT", 60_000],
    ["Wednesday, 25-Nov-26 12:01:00 GMT", 60_000],
    ["Wed Nov 25 12:01:00 2026", 60_000],
    ["Sun, 06 Nov 1994 08:49:37 GMT", 0],
    ["Sunday, 06-Nov-94 08:49:37 GMT", 0],
    ["Sun Nov  6 08:49:37 1994", 0],
  ])("reads %j as RFC 9110 writes it", (header, ms) => {
    expect(retryAfterMsOf(header, now, mostMs)).toBe(ms);
  });

  it.each(["31536000", "1000000000000", "9".repeat(400), "Thu, 25 Nov 2027 12:00:00 GMT", "Fri, 31 Dec 9999 23:59:59 GMT"])(
    "bounds %s by the policy",
    (header) => {
      expect(retryAfterMsOf(header, now, mostMs)).toBe(mostMs);
    },
  );

  it.each([
    null,
    "",
    " ",
    "1e12",
    "-5",
    "+5",
    "1.5",
    "0x10",
    "Infinity",
    "NaN",
    "5s",
    "120, 60",
    "tomorrow",
    "2026-11-25T12:01:00Z",
    "Wed, 25 Nov 2026 12:01:00 +0000",
    "Wed, 25 Nov 2026 12:01:00",
    "Wed, 31 Nov 2026 12:01:00 GMT",
    "Wed, 25 Nov 2026 25:01:00 GMT",
    "wed, 25 nov 2026 12:01:00 gmt",
    "١٢٠",
  ])("ignores %j, which is no number of seconds and no HTTP date", (header) => {
    expect(retryAfterMsOf(header, now, mostMs)).toBeUndefined();
  });
});
