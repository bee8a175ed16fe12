import { describe, expect, it } from "vitest";
import { checkSource, cruise } from "./planted.js";

const one = "export interface One {\n  readonly one: 1;\n}\n";
const pure = ["schemas", "channels", "engine", "processors", "topology"];

/** Imports by a pure folder of modules that it must not use, with their content. */
const foreign = {
  "new-folder": "../gateway/one.js",
  own: "carillon/topology",
  dist: "../dist/topology/index.js",
  bin: "../bin/carillon.js",
  root: "../vitest.config.js",
  page: "../console/one.js",
  tests: "../test/one.js",
  above: "../service/one.js",
  http: "node:http",
  "bare-http": "http",
  net: "node:net",
  fs: "node:fs",
  "perf-hooks": "node:perf_hooks",
  timers: "node:timers",
  promises: "node:timers/promises",
  process: "node:process",
  crypto: "node:crypto",
  oauth: "oauth4webapi",
  bson: "bson",
  vitest: "vitest",
  uuid: "uuid",
};
const there = Object.fromEntries(
  ["gateway/one.ts", "dist/topology/index.js", "dist/topology/index.d.ts", "bin/carillon.js"]
    .concat(["vitest.config.ts", "console/one.ts", "test/one.ts", "service/one.ts"])
    .map((path) => [path, "export const one = 1;\n"]),
);

describe("the lint of imports", () => {
  it("lets a folder import one below it, and the builtins and libraries that are listed for it", async () => {
    const files = {
      "schemas/one.ts": `import { isUtf8 } from "node:buffer";\nimport * as avsc from "avsc";\n\nexport const two = [isUtf8, avsc];\n${one}`,
      "schemas/generate.ts": 'import { readFileSync } from "node:fs";\n\nexport const read = readFileSync;\n',
      "stores/redis/two.ts":
        'import { Redis } from "ioredis";\nimport type { One } from "../../schemas/one.js";\n\nexport const two = (one: One) => [one, Redis];\n',
      "engine/one.ts":
        'import { channel } from "node:diagnostics_channel";\nimport type { One } from "../schemas/one.js";\n\nexport const one = (of: One) => [of, channel];\n',
      "processors/one.ts":
        'import { Liquid } from "liquidjs";\nimport { one } from "../engine/one.js";\n\nexport const two = [one, Liquid];\n',
    };
    const { failed, output } = await cruise(files);
    expect(failed, output).toBe(false);
  });

  it.each([
    ["by value", 'import { two } from "../service/two.js";\n\nexport const one = two;\n'],
    ["by type", 'import type { Two } from "../service/two.js";\n\nexport type One = Two;\n'],
  ])("fails on an import of a folder above, %s", async (_, text) => {
    const { failed, output } = await cruise({ "schemas/one.ts": text, "service/two.ts": "export const two = 2;\nexport type Two = 2;\n" });
    expect(failed).toBe(true);
    expect(output).toContain("error schemas-imports-only-listed: schemas/one.ts → service/two.ts");
  });

  it("fails on all else: new folders, the own package, what is built, files of the root, builtins and libraries that are not listed", async () => {
    const planted = pure.flatMap((folder) =>
      Object.entries(foreign).map(([name, specifier]) => ({
        folder,
        path: `${folder}/${name}.ts`,
        text: `import * as all from "${specifier}";\n\nexport const one = all;\n`,
      })),
    );
    const { failed, output } = await cruise({ ...there, ...Object.fromEntries(planted.map(({ path, text }) => [path, text])) });
    expect(failed).toBe(true);
    for (const { folder, path } of planted) expect(output).toContain(`error ${folder}-imports-only-listed: ${path} → `);
  });

  it("fails on a builtin that only another file of the folder may import", async () => {
    const text = 'import { readFileSync } from "node:fs";\n\nexport const read = readFileSync;\n';
    const { output } = await cruise({ "schemas/generate.ts": text, "schemas/regenerate.ts": text });
    expect(output).toContain("schemas-imports-only-listed: schemas/regenerate.ts → ");
    expect(output).not.toContain("schemas/generate.ts");
  });

  it("fails on a cycle, of types too", async () => {
    const { failed, output } = await cruise({
      "schemas/one.ts": 'import type { Two } from "./two.js";\n\nexport type One = Two | 1;\n',
      "schemas/two.ts": 'import type { One } from "./one.js";\n\nexport type Two = One | 2;\n',
    });
    expect(failed).toBe(true);
    expect(output).toContain("error no-cycle");
  });

  it("fails on each client library outside the folders that it is there for", async () => {
    const planted = [
      ["kafkajs", "engine"],
      ["ioredis", "processors"],
      ["mongodb", "reports"],
      ["fastify", "operations"],
      ["bullmq", "stores/timers"],
      ["@aws-sdk/client-sns", "sources"],
      ["lmdb", "service"],
      ["nodemailer", "reports"],
    ] as const;
    const file = (library: string, folder: string): string => `${folder}/with-${library.replaceAll(/[@/]/g, "-")}.ts`;
    const text = (library: string): string => `import * as library from "${library}";\n\nexport const one = library;\n`;
    const { failed, output } = await cruise(Object.fromEntries(planted.map(([library, folder]) => [file(library, folder), text(library)])));
    expect(failed).toBe(true);
    for (const [library, folder] of planted) expect(output).toMatch(new RegExp(`error library-\\S+: ${file(library, folder)} → `));
  });

  it("fails on a package that is not declared", async () => {
    const { failed, output } = await cruise({
      "cli/one.ts": 'import * as all from "no-such-package-anywhere";\n\nexport const one = all;\n',
    });
    expect(failed).toBe(true);
    expect(output).toContain("error declared");
  });
});

describe("the lint of how modules are named", () => {
  const forms = {
    "type-of-import": 'export type One = import("../service/one.js").One;\n',
    "typeof-import": 'export type One = typeof import("../service/one.js");\n',
    "nested-type": 'export const one = (of: readonly import("../service/one.js").One[]) => of;\n',
    "import-equals": 'import one = require("../service/one.js");\n\nexport const two = one;\n',
    "create-require":
      'import { createRequire } from "node:module";\n\nexport const one = createRequire(import.meta.url)("../service/one.js");\n',
    "renamed-require": 'import { createRequire as load } from "node:module";\n\nexport const one = load(import.meta.url);\n',
    "member-require": 'import * as modules from "node:module";\n\nexport const one = modules.createRequire(import.meta.url);\n',
    require: 'export const one = require("../service/one.js");\n',
    computed: "export const one = (path: string) => import(path);\n",
    template: "export const one = (name: string) => import(`../service/" + "$" + "{name}.js`);\n",
    concatenated: 'export const one = () => import("../service/" + "one.js");\n',
    builtin: 'export const one = process.getBuiltinModule("node:fs");\n',
    reference: '/// <reference path="../service/one.ts" />\nexport const one = 1;\n',
  };
  const folders = [...pure, "stores", "sinks", "http"];

  it("fails on each form that the lint of imports does not see", async () => {
    const planted = folders.flatMap((folder) => Object.entries(forms).map(([name, text]) => [`${folder}/${name}.ts`, text] as const));
    const { failed, output } = await checkSource(Object.fromEntries(planted));
    expect(failed).toBe(true);
    for (const [path] of planted) expect(output).toMatch(new RegExp(`^${path}: (name the module|import the type|import what)`, "m"));
  });

  it("lets a file import by statement, and later by a literal name", async () => {
    const text = 'import type { One } from "./two.js";\n\nexport const one = async (of: One) => [of, await import("./two.js")];\n';
    const { failed, output } = await checkSource({
      "processors/one.ts": text,
      "sinks/one.ts": text,
      "bench/one.ts": forms["typeof-import"],
    });
    expect(failed, output).toBe(false);
  });

  it("fails on a top-level folder that has no place in the order", async () => {
    const { failed, output } = await checkSource({ "gateway/deep/one.ts": one, "helm/values.yaml": "one: 1\n" });
    expect(failed).toBe(true);
    expect(output).toBe("gateway/: is not in .ci/lint/folders.cjs: give it its place in the order\n");
  });

  it("lets the page import the shapes that it shows, and nothing else of ours", async () => {
    const text = (specifier: string): string =>
      `import type { One } from "${specifier}";\n\nexport const Two = (one: One) => <p {...one} />;\n`;
    const right = ["./one.js", "../../http/console/views.js", "react-dom/client"];
    const wrong = ["../../service/one.js", "../../http/server.js", "../../vitest.config.js", "node:fs", "bson", "carillon/topology"];
    const named = (all: readonly string[], name: string) =>
      all.map((one, index) => [`console/page/${name}${index}.tsx`, text(one)] as const);
    const { output } = await checkSource(Object.fromEntries([...named(right, "right"), ...named(wrong, "wrong")]));
    expect(output.trimEnd().split("\n").sort()).toEqual(
      wrong.map((one, index) => `console/page/wrong${index}.tsx: imports ${one}, which .ci/lint/folders.cjs does not list`),
    );
  });
});
