import { describe, expect, it } from "vitest";
import { parseForeignJson } from "../../wire/parse-json.js";

describe("JSON of others", () => {
  it.each([
    ['{"id": 12345678901234561003}', { id: "12345678901234561003" }],
    ["[9007199254740993, -9007199254740993]", ["9007199254740993", "-9007199254740993"]],
    ["[9007199254740991, 9007199254740992]", [9007199254740991, 9007199254740992]],
    ["[123456789012345678901234]", ["123456789012345678901234"]],
    ["[0, -1, 1.5, 1e3, 0.12345678901234567890, 1e22]", [0, -1, 1.5, 1000, 0.12345678901234568, 1e22]],
    ['{"12345678901234561003": "no number: 12345678901234561003, \\" 12345678901234561003"}', undefined],
    ['"\\\\"', "\\"],
    ['{"id": 12345678901234561003', undefined],
    ["12345678901234561003 4", undefined],
  ])("%s keeps the digits of its integers", (text, expected) => {
    expect(parseForeignJson(text)).toEqual(text.includes("no number") ? JSON.parse(text) : expected);
  });

  it("takes a long text in one go", () => {
    const long = JSON.stringify({ pad: 'x"\\'.repeat(300_000), id: 1 }).replace('"id":1', '"id":12345678901234561003');
    expect(parseForeignJson(long)).toMatchObject({ id: "12345678901234561003" });
  });
});
