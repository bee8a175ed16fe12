import { execFile } from "node:child_process";
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { scratchFolder } from "../support/scratch.js";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Files by path. */
export type Planted = Readonly<Record<string, string>>;

/** A command's output for files that are planted in a separate folder with the project's rules. */
const lint = async (files: Planted, script: string, args: readonly string[]) => {
  const folder = scratchFolder();
  try {
    for (const name of [".ci", "biome.json", "package.json", "tsconfig.json"])
      cpSync(join(root, name), join(folder.path, name), { recursive: true });
    symlinkSync(join(root, "node_modules"), join(folder.path, "node_modules"));
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder.path, name)), { recursive: true });
      writeFileSync(join(folder.path, name), text);
    }
    return await new Promise<{ readonly failed: boolean; readonly output: string }>((resolve) =>
      execFile(process.execPath, [script, ...args], { cwd: folder.path, maxBuffer: 2 ** 24 }, (error, stdout, stderr) =>
        resolve({ failed: error !== null, output: stdout + stderr }),
      ),
    );
  } finally {
    folder.remove();
  }
};

/** Runs dependency-cruiser over the files' folders, except built files. */
export const cruise = (files: Planted) => {
  const folders = [...new Set(Object.keys(files).map((name) => name.split("/")[0] ?? ""))];
  const cruised = folders.filter((name) => !/^(bin|dist|console)$|\./.test(name));
  return lint(files, "node_modules/dependency-cruiser/bin/dependency-cruise.mjs", [
    "--config",
    ".ci/lint/dependency-cruiser.cjs",
    ...cruised,
  ]);
};

/** Runs the check of the source text. */
export const checkSource = (files: Planted) => lint(files, ".ci/lint/check-source.cjs", []);

/** Runs the prose linter over the planted files. */
export const checkProse = (files: Planted) => lint(files, ".ci/lint/check-prose.cjs", Object.keys(files));

/** Runs the size check over the planted files. */
export const checkTidy = (files: Planted) => lint(files, ".ci/lint/check-tidy.cjs", Object.keys(files));

/** Runs the check of configuration keys over the planted files. */
export const checkConfigKeys = (files: Planted) => lint(files, ".ci/lint/check-config-keys.cjs", Object.keys(files));
