import { execFile } from "node:child_process";
import { copyFile, mkdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { cacheFolder } from "../../test/servers/shell.js";

const run = promisify(execFile);
const manifest = fileURLToPath(new URL("../peers/package.json", import.meta.url));

const textOf = (path: string): Promise<string> => readFile(path, "utf8").catch(() => "");

/** Installs the packages that only peers need, outside the project. Resolves with a function that loads one. */
export const npmPeers = async (): Promise<NodeJS.Require> => {
  const folder = join(cacheFolder(), "bench-npm");
  const copy = join(folder, "package.json");
  if ((await textOf(copy)) !== (await textOf(manifest))) {
    await mkdir(folder, { recursive: true });
    await copyFile(manifest, copy);
    await run("npm", ["install", "--no-audit", "--no-fund", "--loglevel=error"], { cwd: folder });
  }
  return createRequire(join(folder, "package.json"));
};
