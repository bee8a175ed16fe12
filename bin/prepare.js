// In a clone: installs and builds what is missing or out of date. In a published package there is nothing to do.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const stamp = join(root, "dist", ".built");
const sources = [
  "channels",
  "client",
  "schemas",
  "wire",
  "config",
  "engine",
  "topology",
  "processors",
  "sources",
  "sinks",
  "stores",
  "operations",
  "reports",
  "http",
  "service",
  "cli",
];

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(`Carillon needs Node 20.19 or later; this is ${process.versions.node}.\n`);
  process.exit(1);
}

const run = (what, command, args) => {
  const begin = Date.now();
  process.stderr.write(`${what} …\n`);
  const { status } = spawnSync(command, args, { cwd: root, stdio: ["ignore", 2, 2], shell: process.platform === "win32" });
  if (status !== 0) {
    process.stderr.write(`${what}: failed\n`);
    process.exit(status ?? 1);
  }
  process.stderr.write(`${what}: done in ${((Date.now() - begin) / 1000).toFixed(1)} s\n`);
};

const newest = (path) => {
  const found = statSync(path);
  if (!found.isDirectory()) return found.mtimeMs;
  return Math.max(0, ...readdirSync(path).map((name) => newest(join(path, name))));
};

export const prepare = () => {
  if (!existsSync(join(root, "tsconfig.build.json"))) return;
  const installed = join(root, "node_modules", ".package-lock.json");
  const lock = join(root, "package-lock.json");
  if (!existsSync(installed) || statSync(installed).mtimeMs < statSync(lock).mtimeMs) {
    run("Installing packages (the first time only)", "npm", ["ci", "--no-progress", "--loglevel=error"]);
  }
  const page = join(root, "dist", "page", "index.html");
  const pageSources = [join(root, "console", "page"), join(root, "bin", "build-console.js"), lock];
  const bundled = existsSync(page) ? statSync(page).mtimeMs : 0;
  if (Math.max(...pageSources.map(newest)) > bundled) {
    run("Bundling the console", process.execPath, [join(root, "bin", "build-console.js")]);
  }
  const built = existsSync(stamp) ? statSync(stamp).mtimeMs : 0;
  const builders = [join(root, "bin", "build-command.js"), lock];
  if (Math.max(...sources.map((folder) => newest(join(root, folder))), ...builders.map(newest)) > built) {
    run("Building", process.execPath, [join(root, "node_modules", "typescript", "bin", "tsc"), "-p", "tsconfig.build.json"]);
    run("Bundling the command", process.execPath, [join(root, "bin", "build-command.js")]);
    writeFileSync(stamp, "");
  }
};

if (process.argv[1] === fileURLToPath(import.meta.url)) prepare();
