import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { scratchFolder } from "../support/scratch.js";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** A clone in which each step records that it ran, and takes a moment. */
const clone = (folder: string): void => {
  const write = (name: string, text: string): void => {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  };
  const step = (name: string, then = "") =>
    `require("node:fs").appendFileSync("steps", "${name}\\n"); Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200); ${then}`;
  write("package.json", '{"type":"commonjs"}');
  write("tsconfig.build.json", "{}");
  write("package-lock.json", "{}");
  write("node_modules/.package-lock.json", "{}");
  write("node_modules/typescript/bin/tsc", step("build"));
  write("bin/node-bundle.js", "");
  write("bin/package.json", '{"type":"module"}');
  write(
    "bin/build-command.js",
    'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);\n'.concat(step("bundle")),
  );
  write(
    "bin/build-console.js",
    'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);\n'.concat(
      step(
        "console",
        'require("node:fs").mkdirSync("dist/page", { recursive: true }); require("node:fs").writeFileSync("dist/page/index.html", "");',
      ),
    ),
  );
  const packages = ["client", "testing"].map((name) => `packages/${name}`);
  for (const name of packages) write(`${name}/package.json`, "{}");
  const pack = packages
    .map((name) => `mkdirSync("${name}/dist", { recursive: true }); writeFileSync("${name}/dist/index.js", "");`)
    .join(" ");
  write(
    "bin/build-packages.js",
    'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);\n'.concat(
      step("packages", `const { mkdirSync, writeFileSync } = require("node:fs"); ${pack}`),
    ),
  );
  cpSync(join(root, "bin/prepare.js"), join(folder, "bin/prepare.js"));
  const sources = /const sources = \[([^\]]*)\]/.exec(readFileSync(join(root, "bin/prepare.js"), "utf8"))?.[1] ?? "";
  for (const [, name] of sources.matchAll(/"(\w+)"/g)) write(`${name}/file.ts`, "");
  write("console/page/page.tsx", "");
};

const prepare = async (folder: string): Promise<number | null> => {
  const [code] = (await once(spawn(process.execPath, ["bin/prepare.js"], { cwd: folder, stdio: "ignore" }), "exit")) as [number | null];
  return code;
};

const steps = (folder: string): string[] => readFileSync(join(folder, "steps"), "utf8").trim().split("\n");

describe("preparing a clone", () => {
  it("builds once for commands that start at once, and not again", async () => {
    const folder = scratchFolder();
    clone(folder.path);
    expect(await Promise.all([1, 2, 3, 4].map(() => prepare(folder.path)))).toEqual([0, 0, 0, 0]);
    expect(steps(folder.path)).toEqual(["console", "build", "bundle", "packages"]);
    expect(await prepare(folder.path)).toBe(0);
    expect(steps(folder.path)).toHaveLength(4);
    expect(existsSync(join(folder.path, "dist/.preparing"))).toBe(false);
    folder.remove();
  });

  it("goes on after a command that was killed while it built", async () => {
    const folder = scratchFolder();
    clone(folder.path);
    const gone = spawn(process.execPath, ["--version"], { stdio: "ignore" });
    await once(gone, "exit");
    mkdirSync(join(folder.path, "dist"), { recursive: true });
    writeFileSync(join(folder.path, "dist/.preparing"), String(gone.pid));
    expect(await prepare(folder.path)).toBe(0);
    expect(steps(folder.path)).toEqual(["console", "build", "bundle", "packages"]);
    folder.remove();
  });

  it("leaves the next command to try again where a step fails", async () => {
    const folder = scratchFolder();
    clone(folder.path);
    const tsc = join(folder.path, "node_modules/typescript/bin/tsc");
    const right = readFileSync(tsc, "utf8");
    writeFileSync(tsc, "process.exit(2)");
    expect(await prepare(folder.path)).toBe(2);
    expect(existsSync(join(folder.path, "dist/.preparing"))).toBe(false);
    writeFileSync(tsc, right);
    expect(await prepare(folder.path)).toBe(0);
    folder.remove();
  });
});
