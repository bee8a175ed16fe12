import { expect, it } from "vitest";
import { escapeControl, escapeJson } from "../../schemas/control-characters.js";

it.each([
  ["\u001b[31m", "\\x1b[31m"],
  ["\u202etxt", "\\u202etxt"],
  ["two\nlines\tand Grüße 🎉", "two\nlines\tand Grüße 🎉"],
  ["\u009b\u007f", "\\x9b\\x7f"],
])("shows %j as a terminal may", (text, shown) => {
  expect(escapeControl(text)).toBe(shown);
});

it("JSON stays the same value", () => {
  const value = { text: "\u009b31m \u202e \u001b[0m Grüße" };
  const json = escapeJson(JSON.stringify(value));
  expect(json).not.toMatch(/[\u007f-\u009f\u202e]/);
  expect(JSON.parse(json)).toEqual(value);
});
