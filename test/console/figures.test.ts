import { describe, expect, it } from "vitest";
import { bindVariables } from "../../console/reports/aggregations.js";
import { parseExtendedObject, toExtended } from "../../console/reports/extended-json.js";
import { percentile, percentilesOf } from "../../console/reports/percentiles.js";
import { instantOf } from "../../console/reports/times.js";
import { createCalendar, utc } from "../../stores/lineage-store/calendar.js";
import { bucketOf, latencyBoundsMs } from "../../stores/lineage-store/measures.js";

describe("the calendar", () => {
  const kolkata = createCalendar("Asia/Kolkata");
  const newYork = createCalendar("America/New_York");

  it("begins hours and days where the zone does, half hours included", () => {
    const at = new Date("2026-11-21T18:45:00Z");
    expect(kolkata.beginOf("day", at).toISOString()).toBe("2026-11-21T18:30:00.000Z");
    expect(kolkata.beginOf("hour", at).toISOString()).toBe("2026-11-21T18:30:00.000Z");
    expect(utc.beginOf("day", at).toISOString()).toBe("2026-11-21T00:00:00.000Z");
    expect(kolkata.dateOf(at)).toBe("2026-11-22");
  });

  it("knows days of 23 and 25 hours", () => {
    expect(newYork.beginOf("day", new Date("2026-03-08T20:00:00Z")).toISOString()).toBe("2026-03-08T05:00:00.000Z");
    expect(newYork.beginOf("day", new Date("2026-03-09T12:00:00Z")).toISOString()).toBe("2026-03-09T04:00:00.000Z");
    expect(newYork.beginOf("day", new Date("2026-11-01T20:00:00Z")).toISOString()).toBe("2026-11-01T04:00:00.000Z");
    expect(newYork.beginOf("hour", new Date("2026-11-01T06:30:00Z")).toISOString()).toBe("2026-11-01T06:00:00.000Z");
    expect(newYork.beginOf("hour", new Date("2026-11-01T05:30:00Z")).toISOString()).toBe("2026-11-01T05:00:00.000Z");
  });
});

describe("times as people write them", () => {
  const now = Date.parse("2026-11-22T10:15:00Z");
  const kolkata = createCalendar("Asia/Kolkata");

  it.each([
    ["now", "2026-11-22T10:15:00.000Z"],
    ["today", "2026-11-21T18:30:00.000Z"],
    ["yesterday", "2026-11-20T18:30:00.000Z"],
    ["-24h", "2026-11-21T10:15:00.000Z"],
    ["-7d", "2026-11-15T10:15:00.000Z"],
    ["2026-11-20", "2026-11-19T18:30:00.000Z"],
    ["2026-11-20T08:00:00+05:30", "2026-11-20T02:30:00.000Z"],
  ])("understands %s", (text, instant) => {
    expect(instantOf("from", text, now, kolkata).toISOString()).toBe(instant);
  });

  it.each(["Pacific/Auckland", "Pacific/Kiritimati", "Pacific/Pago_Pago"])("finds a date's begin in %s", (zone) => {
    const calendar = createCalendar(zone);
    const begin = instantOf("from", "2026-11-20", now, calendar);
    expect(calendar.dateOf(begin)).toBe("2026-11-20");
    expect(calendar.dateOf(new Date(begin.getTime() - 1))).toBe("2026-11-19");
  });

  it.each(["soon", "2026-13-45", "2026-02-30", "5", ""])("refuses %j, and says what it takes", (text) => {
    expect(() => instantOf("from", text, now, utc)).toThrow(/from: .* is not a time/);
  });
});

describe("latencies", () => {
  it("fall into buckets by their upper bounds", () => {
    expect([0, 10, 11, 1_000, 1_001, 9e12].map(bucketOf)).toEqual(["10", "10", "15", "1000", "1500", "beyond"]);
    expect(latencyBoundsMs).toHaveLength(48);
  });

  it("are told by percentiles no further off than a bucket's width", () => {
    const histogram: Record<string, number> = {};
    for (let ms = 1; ms <= 1_000; ms += 1) histogram[bucketOf(ms)] = (histogram[bucketOf(ms)] ?? 0) + 1;
    expect(percentile(histogram, 0.5)).toBeCloseTo(500, -1);
    expect(percentile(histogram, 0.95)).toBeCloseTo(950, -2);
    expect(percentilesOf({})).toBeNull();
    expect(percentilesOf({ beyond: 3 })).toEqual({ p50: 700_000_000, p95: 700_000_000, p99: 700_000_000 });
  });
});

describe("extended JSON", () => {
  it("reads dates, patterns and numbers, and writes dates", () => {
    const date = new Date("2026-11-21T00:00:00Z");
    const text = '{"acceptedAt":{"$gte":{"$date":"2026-11-21T00:00:00Z"}},"to":{"$regex":"^a","$options":"i"},"n":{"$numberLong":"5"}}';
    expect(parseExtendedObject("filter", text)).toEqual({ acceptedAt: { $gte: date }, to: { $regex: "^a", $options: "i" }, n: 5 });
    expect(toExtended({ at: date, n: 5 })).toBe('{"at":{"$date":"2026-11-21T00:00:00Z"},"n":5}');
    expect(toExtended({ n: 5 }, "canonical")).toBe('{"n":{"$numberInt":"5"}}');
  });

  it.each(["{", "[]", "5", '{"_id":{"$oid":"64b7f1f1f1f1f1f1f1f1f1f1"}}'])("refuses %s", (text) => {
    expect(() => parseExtendedObject("filter", text)).toThrow(/^filter /);
  });
});

describe("variables of an aggregation", () => {
  const pipeline = [
    { $match: { status: { $var: ["status", "failed"] } } },
    { $ifvar: ["from", { $match: { from: { $gte: { $var: "from" } } } }] },
  ];

  it("take the places that are named, and leave stages out", () => {
    expect(bindVariables(pipeline, {})).toEqual([{ $match: { status: "failed" } }]);
    const from = new Date();
    expect(bindVariables(pipeline, { status: ["a", "b"], from })).toEqual([
      { $match: { status: { $in: ["a", "b"] } } },
      { $match: { from: { $gte: from } } },
    ]);
  });

  it("are values, never operators, and must be there", () => {
    expect(() => bindVariables(pipeline, { status: { $ne: null } })).toThrow(/not a plain value/);
    expect(() => bindVariables([{ $match: { x: { $var: "x" } } }], {})).toThrow(/avars: x is missing/);
  });
});
