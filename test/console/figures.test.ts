import { describe, expect, it } from "vitest";
import { bindVariables, checkPipeline, parsePipeline } from "../../reports/aggregations.js";
import { parseExtendedObject, toExtended } from "../../reports/extended-json.js";
import { percentile, percentilesOf } from "../../reports/percentiles.js";
import { instantOf } from "../../reports/times.js";
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

  it.each<[string, RegExp]>([
    ["{", /^filter: is not JSON/],
    ["[]", /^filter: is not an object/],
    ["5", /^filter: is not an object/],
    ['{"_id":{"$oid":"64b7f1f1f1f1f1f1f1f1f1f1"}}', /\$oid: Carillon's documents hold no value of this type/],
    ['{"acceptedAt":{"$gte":{"$date":"2026-13-45"}}}', /\$date: "2026-13-45" is not a date/],
    ['{"acceptedAt":{"$gte":{"$date":"2026-02-30T00:00:00Z"}}}', /\$date: "2026-02-30T00:00:00Z" is not a date/],
    ['{"acceptedAt":{"$gte":{"$date":"yesterday"}}}', /\$date: "yesterday" is not a date/],
    ['{"acceptedAt":{"$gte":{"$date":null}}}', /\$date: null is not a date/],
    ['{"acceptedAt":{"$date":"2026-11-21T00:00:00Z","$gte":1}}', /\$date cannot be combined with \$gte/],
    ['{"attempts":{"$numberInt":"two"}}', /\$numberInt: "two" is not a number/],
    ['{"attempts":1e999}', /not a number in JSON/],
    ["{to: process.exit()}", /^filter: is not JSON/],
    ["{to: (() => { for (;;); })()}", /^filter: is not JSON/],
    [String.raw`{"to":{"$regex":"^\d+"}}`, /\\d is not a valid escape in a string; write \\\\d/],
    ["{to: undefined}", /undefined is not a value/],
    ["{at: ISODate('2026-13-45')}", /is not/],
  ])("refuses %s", (text, problem) => {
    expect(() => parseExtendedObject("filter", text)).toThrow(problem);
  });

  it("reads what MongoDB's shell and RESTHeart's users write", () => {
    expect(parseExtendedObject("keys", "{'to':1, status: 1,}")).toEqual({ to: 1, status: 1 });
    expect(parseExtendedObject("filter", "{acceptedAt: {$gte: ISODate('2026-11-21T00:00:00Z')}}")).toEqual({
      acceptedAt: { $gte: new Date("2026-11-21T00:00:00Z") },
    });
    expect(parseExtendedObject("filter", "{to: /^\\+91/i}")).toEqual({ to: { $regex: "^\\+91", $options: "i" } });
  });

  it("keeps every condition next to a pattern, and patterns within lists", () => {
    expect(parseExtendedObject("filter", '{"to":{"$regex":"^a","$ne":"ab"}}')).toEqual({ to: { $regex: "^a", $ne: "ab" } });
    const pattern = { $regularExpression: { pattern: "^a.b", options: "is" } };
    expect(parseExtendedObject("filter", JSON.stringify({ to: { $nin: [pattern, "x"] } }))).toEqual({ to: { $nin: [/^a.b/is, "x"] } });
    expect(parseExtendedObject("filter", JSON.stringify({ to: { $not: pattern } }))).toEqual({
      to: { $not: { $regex: "^a.b", $options: "is" } },
    });
  });

  it("reads patterns with option x without their blanks and comments", () => {
    expect(parseExtendedObject("filter", String.raw`{"to":{"$regex":"^ a [ #] \\ b # tail","$options":"ix"}}`)).toEqual({
      to: { $regex: String.raw`^a[ #]\ b`, $options: "i" },
    });
  });

  it("writes dates as RESTHeart's three modes do", () => {
    const at = new Date("2026-11-21T00:00:00Z");
    expect(toExtended({ at }, "relaxed")).toBe('{"at":{"$date":"2026-11-21T00:00:00Z"}}');
    expect(toExtended([{ at }], "strict")).toBe(`[{"at":{"$date":${at.getTime()}}}]`);
    expect(toExtended({ at }, "canonical")).toBe(`{"at":{"$date":{"$numberLong":"${at.getTime()}"}}}`);
  });
});

describe("variables of an aggregation", () => {
  const page = { page: 1, pagesize: 100 };
  const pipeline = [
    { $match: { status: { $var: ["status", "failed"] } } },
    { $ifvar: ["from", { $match: { from: { $gte: { $var: "from" } } } }] },
  ];

  it("take the places that are named, and leave stages out", () => {
    expect(bindVariables(pipeline, {}, page)).toEqual([{ $match: { status: "failed" } }]);
    const from = new Date();
    expect(bindVariables(pipeline, { status: ["a", "b"], from }, page)).toEqual([
      { $match: { status: { $in: ["a", "b"] } } },
      { $match: { from: { $gte: from } } },
    ]);
  });

  it("are values, never operators, and must be there", () => {
    expect(() => bindVariables(pipeline, { status: { $ne: null } }, page)).toThrow(/avars: status\.\$ne is not a variable/);
    expect(() => bindVariables([{ $match: { x: { $var: "x" } } }], {}, page)).toThrow(/avars: x is missing/);
    expect(() => bindVariables([{ $match: { x: { $var: "x" } } }], { x: [{ $gt: 1 }] }, page)).toThrow(/x is not a plain value/);
    expect(() => bindVariables([{ $match: { x: { $var: "x" } } }], { x: /a/ }, page)).toThrow(/x is not a plain value/);
  });

  it("have names with dots, which lead into objects", () => {
    const skipping = [{ $skip: { $var: "options.skip" } }, { $limit: { $var: ["options.most", 5] } }];
    expect(bindVariables(skipping, { options: { skip: 3 } }, page)).toEqual([{ $skip: 3 }, { $limit: 5 }]);
    expect(bindVariables(skipping, { "options.skip": 4 }, page)).toEqual([{ $skip: 4 }, { $limit: 5 }]);
    expect(() => bindVariables(skipping, {}, page)).toThrow(/avars: options\.skip is missing/);
    expect(() => bindVariables(skipping, JSON.parse('{"options":{"skip":1},"__proto__":{"x":1}}'), page)).toThrow(/not a variable/);
  });

  it("decide together about a stage that takes several, with a stage for otherwise", () => {
    const both = [{ $ifvar: [["a", "b.c"], { $match: { a: { $var: "a" } } }, { $match: { a: 0 } }] }];
    expect(bindVariables(both, { a: 1, b: { c: 2 } }, page)).toEqual([{ $match: { a: 1 } }]);
    expect(bindVariables(both, { a: 1 }, page)).toEqual([{ $match: { a: 0 } }]);
  });

  it("stay lists under an operator", () => {
    expect(bindVariables([{ $match: { to: { $in: { $var: "to" } } } }], { to: ["a", "b"] }, page)).toEqual([
      { $match: { to: { $in: ["a", "b"] } } },
    ]);
  });

  it("are refused where the pipeline has none of that name", () => {
    expect(() => bindVariables(pipeline, { fron: new Date() }, page)).toThrow(/avars: fron is not a variable of this aggregation/);
    expect(() => bindVariables([{ $limit: 1 }], { constructor: 1 }, page)).toThrow(/constructor is not a variable/);
  });

  it("hold the page, in RESTHeart's names", () => {
    const paged = [{ $skip: { $var: "@skip" } }, { $limit: { $var: "@limit" } }];
    expect(bindVariables(paged, {}, { page: 3, pagesize: 20 })).toEqual([{ $skip: 40 }, { $limit: 20 }]);
  });

  it.each([
    ['[{"$lookup":{"from":"x"}}]', /\$lookup is not allowed/],
    ['[{"$out":"x"}]', /\$out is not allowed/],
    ['[{"$ifvar":["a",{"$merge":"x"}]}]', /\$merge is not allowed/],
    ['[{"$project":{"x":{"$function":{}}}}]', /\$function is not allowed/],
    ['[{"$project":{"x":{"$regexMatch":{"input":"$to","regex":"(a+)+$"}}}}]', /repeats a group/],
  ])("are no way around the rules: %s", (text, problem) => {
    expect(() => checkPipeline(parsePipeline("pipeline", text))).toThrow(problem);
  });

  it.each([
    '[{"$match":{"a":{"$var":5}}}]',
    '[{"$match":{"a":{"$var":["a"]}}}]',
    '[{"$match":{"a":{"$var":["a",1,2]}}}]',
    '[{"$ifvar":["a"]}]',
    '[{"$ifvar":[[],{"$limit":1}]}]',
    '[{"$ifvar":[["a",5],{"$limit":1}]}]',
    '[{"$ifvar":"a"}]',
    "[5]",
    "{}",
  ])("refuse the pipeline %s", (text) => {
    expect(() => parsePipeline("reports.aggregations.x.pipeline", text)).toThrow(/names no variable|is not a list of stages/);
  });
});
