import { describe, expect, it } from "vitest";
import { checkProse } from "./planted.js";

/** Apart from its words, or the comment would be one of this file. */
const slashes = "//";

describe("the lint of prose", () => {
  it.each([
    ["a page", { "docs/page.md": "# Page\n\nCarillon tells the operator.\n" }, "docs/page.md:3"],
    ["a list", { "README.md": "- One record\n- Ten records in hand\n" }, "README.md:2"],
    ["a docstring", { "stores/one.ts": "/** Told of each error. */\nexport const one = 1;\n" }, "stores/one.ts:1"],
    ["a comment", { "stores/one.ts": `export const one = 1; ${slashes} runs beside the other\n` }, "stores/one.ts:1"],
    ["a message", { "cli/one.ts": 'export const text = "Nobody is at home";\n' }, "cli/one.ts"],
    ["a template", { "cli/one.ts": "export const text = `the message was\nsent anew`;\n" }, "cli/one.ts"],
    ["a page of the console", { "console/one.tsx": "export const One = () => <p>The provider is ill</p>;\n" }, "console/one.tsx"],
    ["a term over two lines of a page", { "docs/page.md": "# Page\n\nThe records in\nhand are few.\n" }, "docs/page.md:3"],
    ["a term over two lines of a quote", { "docs/page.md": "> The records in\n> hand are few.\n" }, "docs/page.md:1"],
    [
      "a term over two lines of a docstring",
      { "stores/one.ts": "/**\n * Records in\n * hand.\n */\nexport const one = 1;\n" },
      "stores/one.ts:1",
    ],
    ["a term over two comments", { "stores/one.ts": `${slashes} records in\n${slashes} hand\nexport const one = 1;\n` }, "stores/one.ts:1"],
    ["a comment of YAML", { "compose.yaml": "services:\n  one: # runs beside the other\n" }, "compose.yaml:2"],
    ["a description", { "helm/Chart.yaml": "name: one\ndescription: Tells operators what happens\n" }, "helm/Chart.yaml:2"],
    [
      "a comment of a template",
      { "helm/templates/one.yaml": "kind: One\n{{/* Runs beside\nthe other */}}\n" },
      "helm/templates/one.yaml:2",
    ],
    ["a comment of a part", { "helm/templates/_one.tpl": "{{/* Sent anew. */}}\n" }, "helm/templates/_one.tpl:1"],
    ["an error of a template", { "helm/templates/one.yaml": '{{ fail "nobody serves the page" }}\n' }, "helm/templates/one.yaml:1"],
    ["the notes of the chart", { "helm/templates/NOTES.txt": "Carillon tells you more.\n" }, "helm/templates/NOTES.txt:1"],
  ])("refuses a banned word in %s, with its place and another word", async (_, files, place) => {
    const { failed, output } = await checkProse(files);
    expect(failed).toBe(true);
    expect(output).toContain(place);
    expect(output).toContain(": write ");
  });

  it("refuses a line of documentation that is too wide, and a sentence that is too long", async () => {
    const long = Array.from({ length: 45 }, (_, index) => `word${index % 10}`);
    const wrapped = `${long.slice(0, 15).join(" ")}\n${long.slice(15, 30).join(" ")}\n${long.slice(30).join(" ")}.`;
    const { output } = await checkProse({ "docs/page.md": `${"wide ".repeat(30)}\n\n${wrapped}\n` });
    expect(output).toContain("docs/page.md:1: has 150 columns");
    expect(output).toContain("docs/page.md:3: a sentence of 45 words");
  });

  it("leaves names in YAML, and the end of one paragraph before another, as they are", async () => {
    const files = {
      "compose.yaml": "services:\n  beside: { user: nobody, command: [tell] }\n",
      "docs/page.md": "- Records in\n- Hand them over\n\nRecords in\n\nhand\n",
    };
    expect(await checkProse(files)).toEqual({ failed: false, output: "" });
  });

  it("leaves code, names, tables, links and what tests quote as they are", async () => {
    const wideRow = `| ${"cell ".repeat(40)}|`;
    const files = {
      "docs/page.md":
        `Run \`tell\`:\n\n\`\`\`sh\ntell --beside anew ${"x".repeat(140)}\n\`\`\`\n\n${wideRow}\n\n[ill](docs/told.md)\n`.replace(
          "[ill]",
          "[page]",
        ),
      "stores/one.ts": 'export const inHand = "beside";\nexport const told = { news: 1 };\n',
      "test/one.test.ts": 'export const asked = "nobody told them the news";\n',
    };
    expect(await checkProse(files)).toEqual({ failed: false, output: "" });
  });
});
