import { expect, it } from "vitest";
import { headerProblem, lineProblem, nameProblem, tenantProblem } from "../../channels/one-line.js";

it.each([
  ["plain", undefined],
  ["a\nb", "has a line break"],
  ["a\u2028b", "has a line break"],
  ["a\tb", "has the control character U+0009"],
])("as a line, %j: %s", (text, problem) => {
  expect(lineProblem(text)).toBe(problem);
});

it("a header holds no encoded word, and a name nothing that reorders it", () => {
  expect(headerProblem("=?utf-8?q?free?=")).toContain("RFC 2047");
  expect(headerProblem("free")).toBeUndefined();
  expect(nameProblem("a\u202eb")).toContain("reorders");
});

it.each([
  ["acme", undefined],
  [" ", "is empty"],
  ["x".repeat(129), "has 129 characters, and 128 are allowed"],
  ["a\nb", "has a line break"],
])("as a tenant, %j: %s", (text, problem) => {
  expect(tenantProblem(text)).toBe(problem);
});
