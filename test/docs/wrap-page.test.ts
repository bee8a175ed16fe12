import { describe, expect, it } from "vitest";
import { wrapPage } from "../../docs/wrap-page.js";

const longest = (page: string): number => Math.max(...page.split("\n").map((line) => line.length));

describe("wrapPage", () => {
  it("breaks paragraphs and lists at 120 columns, and aligns the lines of a list", () => {
    const words = "word ".repeat(60).trim();
    const page = wrapPage(`${words}\n\n- ${words}\n- short\n\n12. ${words}\n`);
    expect(longest(page)).toBeLessThanOrEqual(120);
    expect(page.split("\n").filter((line) => /^ {2}\w/.test(line))).toHaveLength(2);
    expect(page.split("\n").filter((line) => /^ {4}\w/.test(line))).toHaveLength(2);
    expect(page).toContain("\n- short\n");
    expect(page.endsWith("word\n")).toBe(true);
  });

  it("joins lines that were broken elsewhere, and breaks the same page in the same way", () => {
    const once = wrapPage("one\ntwo\nthree");
    expect(once).toBe("one two three");
    expect(wrapPage(once)).toBe(once);
  });

  it("keeps a code span on one line", () => {
    const span = `\`${"a b ".repeat(20).trim()}\``;
    expect(wrapPage(`${"word ".repeat(15)}${span} end`).split("\n")[1]).toBe(`${span} end`);
  });

  it("leaves headings, tables, code and comments as they are", () => {
    const fixed = `# ${"h ".repeat(99)}h\n\n| ${"c ".repeat(99)}|\n\n<!-- ${"n ".repeat(99)}-->\n\n\`\`\`sh\n${"s ".repeat(99)}\n- a\n\`\`\`\n`;
    expect(wrapPage(fixed)).toBe(fixed);
  });
});
