import { describe, expect, it } from "vitest";
import { checkTidy } from "./planted.js";

const lines = (count: number): string => "  use(1);\n".repeat(count);

describe("the lint of sizes", () => {
  it.each([
    ["a function", `export function one() {\n${lines(78)}}\n`],
    ["an arrow function", `const first = 1;\nexport const one = () => {\n${lines(78)}};\n`],
    ["a method", `export class One {\n  one() {\n${lines(78)}  }\n}\n`],
    ["a function within another", `export const all = { one: () => {\n${lines(78)}} };\n`],
  ])("refuses %s of 80 lines", async (_, text) => {
    const { failed, output } = await checkTidy({ "stores/one.ts": text });
    expect(failed).toBe(true);
    expect(output).toMatch(/^stores\/one\.ts:\d: a function of 80 lines, at most 70/m);
  });

  it("refuses a file of 300 lines, in whichever folder", async () => {
    const { failed, output } = await checkTidy({ "test/one.test.ts": "// one\n".repeat(300), "console/two.tsx": "// two\n".repeat(300) });
    expect(failed).toBe(true);
    expect(output).toContain("test/one.test.ts: has 300 lines, at most 250");
    expect(output).toContain("console/two.tsx: has 300 lines, at most 250");
  });

  it("takes a function of 70 lines, a file of 250, a suite of any length, and what is generated", async () => {
    const suite = `describe("one", () => {\n${lines(80)}});\ndescribe.each([1])("two", () => {\n${lines(80)}});\n`;
    const files = {
      "stores/one.ts": `export function one() {\n${lines(68)}}\n`,
      "stores/two.ts": "// two\n".repeat(250),
      "test/three.test.ts": suite,
      "schemas/generated.ts": "// made\n".repeat(400),
    };
    expect(await checkTidy(files)).toEqual({ failed: false, output: "" });
  });
});
