import { afterEach, describe, expect, it } from "vitest";
import { parseExtendedObject } from "../../reports/extended-json.js";
import { instantOf } from "../../reports/times.js";
import { createCalendar } from "../../stores/lineage-store/calendar.js";

const zone = process.env.TZ;
const inZone = (name: string): void => {
  process.env.TZ = name;
};
afterEach(() => {
  if (zone === undefined) delete process.env.TZ;
  else process.env.TZ = zone;
});

const valueIn = (text: string): unknown => parseExtendedObject("filter", `{a:${text}}`).a;

describe("dates", () => {
  it.each([
    ['{"$date":"2026-11-29T02:00:00"}', "2026-11-29T02:00:00.000Z"],
    ['{"$date":"2026-11-29 02:00"}', "2026-11-29T02:00:00.000Z"],
    ['{"$date":"2026-11-29"}', "2026-11-29T00:00:00.000Z"],
    ['{"$date":"2026-11-29T02:00:00.123456+05:30"}', "2026-11-28T20:30:00.123Z"],
    ['{"$date":"2026-11-29T02:00:00-0800"}', "2026-11-29T10:00:00.000Z"],
    ['{"$date":{"$numberLong":"-1000"}}', "1969-12-31T23:59:59.000Z"],
    ["ISODate('2026-11-29T02:00:00')", "2026-11-29T02:00:00.000Z"],
    ["new Date('2026-11-29T02:00:00')", "2026-11-29T02:00:00.000Z"],
    ["new Date(1000)", "1970-01-01T00:00:01.000Z"],
  ])("reads %s alike in every zone", (text, expected) => {
    for (const name of ["UTC", "Asia/Kolkata", "America/New_York"]) {
      inZone(name);
      expect((valueIn(text) as Date).toISOString()).toBe(expected);
    }
  });

  it.each([
    '"2026-11-28 (x)"',
    '"2026-11-28 EST"',
    '"2026-11"',
    '"2026"',
    '"2026-02-30T00:00:00Z"',
    '"2026-11-28T25:00Z"',
    '"+002026-11-28"',
    '{"$numberLong":""}',
    '{"$numberLong":"1e3"}',
    "1e30",
    "null",
  ])("refuses $date: %s", (text) => {
    expect(() => valueIn(`{"$date":${text}}`)).toThrow(/filter: \$date: .* is not a date/);
  });
});

describe("numbers", () => {
  it.each([
    ["NumberInt(1)", 1],
    ["NumberInt('-7')", -7],
    ["NumberLong('12')", 12],
    ["Double(1.5)", 1.5],
    ["[NumberInt(1), Double(2)]", [1, 2]],
    ['{"$numberInt":"-2147483648"}', -2_147_483_648],
    ['{"$numberLong":"9007199254740992"}', 9_007_199_254_740_992],
    ['{"$numberDouble":"1e3"}', 1_000],
  ])("reads %s", (text, expected) => {
    expect(valueIn(text)).toEqual(expected);
  });

  it.each([
    '{"$numberInt":"2147483648"}',
    '{"$numberInt":"1.5"}',
    '{"$numberLong":"1.5"}',
    '{"$numberLong":"0x10"}',
    '{"$numberLong":"9223372036854775808"}',
    '{"$numberInt":1}',
    '{"$numberDouble":""}',
    "NumberDecimal('1')",
  ])("refuses %s", (text) => {
    expect(() => valueIn(text)).toThrow(/^filter: /);
  });
});

describe("times of friendly parameters", () => {
  const calendar = createCalendar("America/New_York");
  const at = (text: string): string => instantOf("from", text, Date.UTC(2026, 10, 29, 2), calendar).toISOString();

  it("reads days by the reports' zone, and instants by their offset, whatever the machine's zone", () => {
    for (const name of ["UTC", "Asia/Kolkata"]) {
      inZone(name);
      expect(at("2026-11-28")).toBe("2026-11-28T05:00:00.000Z");
      expect(at("2026-11-28T10:00:00+05:30")).toBe("2026-11-28T04:30:00.000Z");
      expect(at("today")).toBe("2026-11-28T05:00:00.000Z");
    }
  });

  it.each(["2026-11-28T10:00:00", "2026-11-28 10:00"])("refuses %s, whose zone is not known", (text) => {
    expect(() => at(text)).toThrow(`from: "${text}" has no offset from UTC`);
  });

  it.each(["2026", "2026-11", "2026-11-28 (x)", "2026-02-30T00:00:00Z", "soon", ""])("refuses %s", (text) => {
    expect(() => at(text)).toThrow("is not a time");
  });
});
