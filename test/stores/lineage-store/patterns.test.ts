import { describe, expect, it } from "vitest";
import { pcrePattern } from "../../../stores/lineage-store/query/pcre-pattern.js";
import { aggregateDocuments } from "../../../stores/lineage-store/query/query-documents.js";
import { assertRegex } from "../../../stores/lineage-store/query/regex-rules.js";

/** Whether PCRE finds the pattern in the text. Source: PCRE2, pcre2pattern. */
const cases: readonly (readonly [pattern: RegExp, text: string, found: boolean])[] = [
  [/^.@/, "🎉@example.test", true],
  [/^..@/, "🎉@example.test", false],
  [/^[🎉é]@/u, "🎉@example.test", true],
  [/ü/i, "Ü", true],
  [/^a.b$/, "a\rb", true],
  [/^a.b$/, "a\u2028b", true],
  [/^a.b$/, "a\nb", false],
  [/^a.b$/s, "a\nb", true],
  [/b$/, "a b\n", true],
  [/b$/, "b\n\n", false],
  [/b$/, "b\r", false],
  [/a$/m, "a\nb", true],
  [/a$/m, "a\rb", false],
  [/^b/m, "a\nb", true],
  [/^b/m, "a\rb", false],
  [/^b/, "a\nb", false],
  [/a\sb/, "a\u00a0b", false],
  [/a\sb/, "a\tb", true],
  [/a\Sb/, "a\u00a0b", true],
  [/a[\s.]b/, "a\u00a0b", false],
  [/a[\s.]b/, "a b", true],
  [/^[\w.+-]+@/, "a.b+c-d@x", true],
  [/^\+1 \(415\)-5/, "+1 (415)-5", true],
  [/^<a>@"$/, '<a>@"', true],
  [/^x{2}{$/, "xx{", true],
  [/^{a}]$/, "{a}]", true],
  [/^[\]a]+$/, "]a", true],
  [/^a{1,}$/, "aaa", true],
  [/^\x41$/, "A", true],
  [/^a\/b\.c$/, "a/b.c", true],
];

describe("patterns over documents of this process", () => {
  it.each(cases.map(([pattern, text, found]) => [String(pattern), text, found, pattern] as const))(
    "%s in %j: %s",
    (_, text, found, pattern) => {
      expect(pcrePattern(pattern).test(text)).toBe(found);
      const asked = [{ $match: { text: { $regex: pattern } } }, { $count: "n" }];
      expect(aggregateDocuments([{ text }], asked)).toEqual(found ? [{ n: 1 }] : []);
      const expression = { $regexMatch: { input: "$text", regex: pattern } };
      expect(aggregateDocuments([{ text }], [{ $project: { _id: 0, found: expression } }])).toEqual([{ found }]);
    },
  );

  it("are found one after the other, an empty match, too, by characters", () => {
    const find = (regex: string, text: string) =>
      aggregateDocuments([{ text }], [{ $project: { x: { $regexFindAll: { input: "$text", regex } } } }])[0]?.x;
    expect(find("(b)|c", "🎉bc")).toEqual([
      { match: "b", idx: 1, captures: ["b"] },
      { match: "c", idx: 2, captures: [null] },
    ]);
    expect(find("^a", "aa")).toEqual([{ match: "a", idx: 0, captures: [] }]);
    expect(find("x*", "b")).toHaveLength(2);
  });

  it.each([
    ["[]a]", "begins with ]"],
    ["[^]a]", "begins with ]"],
    ["[]", "has no end"],
    ["a[^]", "has no end"],
    ["[a-\\d]", "a range from or to"],
    ["[\\w-.]", "a range from or to"],
    ["a{,3}", "without a minimum"],
  ])("are refused where JavaScript reads them differently: %s", (pattern, problem) => {
    expect(() => assertRegex(pattern, "")).toThrow(problem);
  });

  it.each(["[[]", "[a\\]b]", "[\\w.-]", "[-\\w]", "[\\w\\-.]", "[a{,3}]", "\\[]", "a{0,3}"])("are taken: %s", (pattern) => {
    expect(() => assertRegex(pattern, "")).not.toThrow();
  });
});
