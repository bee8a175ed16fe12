// Runs the embedded tests on another release of Node.js, for example `npm run test:node -- 24`. Its binary is installed as a package into
// the cached folder.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const [release, ...others] = process.argv.slice(2);
if (!/^\d+(\.\d+)*$/.test(release ?? "")) {
  process.stderr.write("usage: npm run test:node -- RELEASE [options of vitest], such as 22 or 24\n");
  process.exit(2);
}
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const cache = process.env.CARILLON_TEST_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "carillon-test-servers");
const folder = join(cache, `node-${release}`);
const name = `node-${process.platform === "win32" ? "win" : process.platform}-${process.arch}`;
const binary = join(folder, "node_modules", name, "bin", process.platform === "win32" ? "node.exe" : "node");

const run = (command, args, options = {}) => spawnSync(command, args, { stdio: "inherit", cwd: root, ...options }).status ?? 1;

if (!existsSync(binary)) {
  mkdirSync(folder, { recursive: true });
  const status = run("npm", [
    "install",
    "--prefix",
    folder,
    "--no-save",
    "--no-audit",
    "--no-fund",
    "--loglevel=error",
    `${name}@${release}`,
  ]);
  if (status !== 0 || !existsSync(binary)) process.exit(status || 1);
}
run(binary, ["-p", '"The embedded tests on Node " + process.versions.node']);
process.exit(run(binary, [join(root, "node_modules", "vitest", "vitest.mjs"), "run", "--project", "embedded", ...others]));
