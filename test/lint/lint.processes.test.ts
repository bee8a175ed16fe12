import { execFile } from "node:child_process";
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { scratchFolder } from "../support/scratch.js";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** What a command of the lint says of files that are planted in a folder of their own, beside our rules. */
const lint = async (files: Readonly<Record<string, string>>, command: readonly [string, ...string[]]) => {
  const folder = scratchFolder();
  try {
    for (const name of [".lint", "biome.json", "package.json", "tsconfig.json"])
      cpSync(join(root, name), join(folder.path, name), { recursive: true });
    symlinkSync(join(root, "node_modules"), join(folder.path, "node_modules"));
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder.path, name)), { recursive: true });
      writeFileSync(join(folder.path, name), text);
    }
    const [program, ...args] = command;
    return await new Promise<{ readonly failed: boolean; readonly output: string }>((resolve) =>
      execFile(join(root, "node_modules/.bin", program), args, { cwd: folder.path }, (error, stdout, stderr) =>
        resolve({ failed: error !== null, output: stdout + stderr }),
      ),
    );
  } finally {
    folder.remove();
  }
};

const cruise = (files: Readonly<Record<string, string>>) =>
  lint(files, [
    "depcruise",
    "--config",
    ".lint/dependency-cruiser.cjs",
    ...new Set(Object.keys(files).map((name) => name.split("/")[0] ?? "")),
  ]);

const one = "export interface One {\n  readonly one: 1;\n}\n";

describe("the lint of imports", () => {
  it("lets a folder import one below it, and the libraries that it is there for", async () => {
    const files = {
      "schemas/one.ts": one,
      "stores/redis/two.ts":
        'import { Redis } from "ioredis";\nimport type { One } from "../../schemas/one.js";\n\nexport const two = (one: One) => [one, Redis];\n',
    };
    expect(await cruise(files)).toMatchObject({ failed: false });
  });

  it.each([
    ["by value", 'import { two } from "../service/two.js";\n\nexport const one = two;\n'],
    ["by type", 'import type { Two } from "../service/two.js";\n\nexport type One = Two;\n'],
  ])("fails on an import of a folder above, %s", async (_, text) => {
    const { failed, output } = await cruise({ "schemas/one.ts": text, "service/two.ts": "export const two = 2;\nexport type Two = 2;\n" });
    expect(failed).toBe(true);
    expect(output).toContain("error schemas-imports-none-above: schemas/one.ts → service/two.ts");
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

describe("the lint of pure folders", () => {
  it("fails on reads of the clock, of random numbers and of the environment", async () => {
    const reads = {
      clock: "Date.now()",
      date: "new Date()",
      random: "Math.random()",
      fine: "performance.now()",
      environment: "process.env.HOME",
    };
    const filesIn = (folder: string) =>
      Object.entries(reads).map(([name, read]) => [`${folder}/${name}.ts`, `export const one = () => ${read};\n`] as const);
    const files = Object.fromEntries([...filesIn("processors"), ...filesIn("stores")]);
    const { failed, output } = await lint(files, ["biome", "check", "--vcs-enabled=false", "processors", "stores"]);
    expect(failed).toBe(true);
    for (const name of Object.keys(reads)) {
      expect(output).toContain(`processors/${name}.ts:`);
      expect(output).not.toContain(`stores/${name}.ts:`);
    }
  });
});
