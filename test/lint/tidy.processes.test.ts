import { describe, expect, it } from "vitest";
import { checkTidy } from "./planted.js";

const imports = `import { describe, it, test } from "vitest";\n`;
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
    const suite = `${imports}describe("one", () => {\n${lines(80)}});\ndescribe.each([1])("two", () => {\n${lines(80)}});\n`;
    const files = {
      "stores/one.ts": `export function one() {\n${lines(68)}}\n`,
      "stores/two.ts": "// two\n".repeat(250),
      "test/three.test.ts": suite,
      "schemas/generated.ts": "// made\n".repeat(400),
    };
    expect(await checkTidy(files)).toEqual({ failed: false, output: "" });
  });

  it.each([
    ["describe", 'describe("one", () => use(1));'],
    ["describe.each", 'describe.each([1])("one", () => use(1));'],
    ["it", 'it("does", () => use(1));'],
    ["it.each", 'it.each([1])("does", () => use(1));'],
    ["it.skipIf", 'it.skipIf(use(1)).each`a`("does", () => use(1));'],
    ["test", 'test("does", () => use(1));'],
  ])("takes a function of 80 lines that registers tests by %s", async (_, statement) => {
    const files = {
      "test/one.ts": `${imports}export const one = (use: Use): void => {\n  ${statement}\n${lines(77)}};\n`,
      "test/two.ts": `${imports}export function two(use: Use): void {\n${lines(77)}  ${statement}\n}\n`,
    };
    expect(await checkTidy(files)).toEqual({ failed: false, output: "" });
  });

  it.each([
    ["registers nothing", `${imports}export const one = (): void => {\n${lines(78)}};\n`],
    ["is the callback of a test", `${imports}it("does", () => {\n${lines(78)}});\n`],
    ["only contains a function that registers", `${imports}export const one = () => {\n${lines(77)}  return () => it("does", use);\n};\n`],
    ["calls its own function of such a name", `import { test } from "./own.js";\nexport const one = () => {\n  test(1);\n${lines(77)}};\n`],
  ])("refuses a function of 80 lines that %s", async (_, text) => {
    const { failed, output } = await checkTidy({ "test/one.ts": text });
    expect(failed).toBe(true);
    expect(output).toMatch(/^test\/one\.ts:2: a function of 80 lines, at most 70/);
  });
});
