// In a clone: installs and builds everything that is missing or out of date. In a published package this does nothing.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const stamp = join(root, "dist", ".built");
const longestPrepareMs = 15 * 60_000;
const sources = [
  "channels",
  "client",
  "schemas",
  "wire",
  "config",
  "access",
  "engine",
  "topology",
  "processors",
  "sources",
  "sinks",
  "stores",
  "operations",
  "reports",
  "directory",
  "http",
  "service",
  "cli",
];

/** Packages that are bundled from the build. */
const packages = ["client", "testing"];

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

const sleep = (ms) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);

const isRunning = (pid) => {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error.code === "EPERM";
  }
};

/** Commands that start at the same time build once: the first builds, and the others wait. */
const alone = (work) => {
  const lock = join(root, "dist", ".preparing");
  const endMs = Date.now() + longestPrepareMs;
  mkdirSync(dirname(lock), { recursive: true });
  for (;;) {
    try {
      writeFileSync(lock, String(process.pid), { flag: "wx" });
      break;
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
    }
    const pid = Number(existsSync(lock) ? readFileSync(lock, "utf8") : 0);
    if (pid > 0 && !isRunning(pid)) rmSync(lock, { force: true });
    else if (Date.now() > endMs) {
      process.stderr.write(`Another command (process ${pid}) has been building for too long. If it is not, remove ${lock}.\n`);
      process.exit(1);
    } else sleep(100);
  }
  // run() ends the process if a step fails
  const release = () => rmSync(lock, { force: true });
  process.once("exit", release);
  work();
  process.removeListener("exit", release);
  release();
};

/** The steps that are missing or out of date, in order. */
const steps = [
  {
    isDue: () => {
      const installed = join(root, "node_modules", ".package-lock.json");
      return !existsSync(installed) || statSync(installed).mtimeMs < statSync(join(root, "package-lock.json")).mtimeMs;
    },
    run: () => run("Installing packages (the first time only)", "npm", ["ci", "--no-progress", "--loglevel=error"]),
  },
  {
    isDue: () => {
      const page = join(root, "dist", "page", "index.html");
      const pageSources = [join(root, "console", "page"), join(root, "bin", "build-console.js"), join(root, "package-lock.json")];
      return Math.max(...pageSources.map(newest)) > (existsSync(page) ? statSync(page).mtimeMs : 0);
    },
    run: () => run("Bundling the console", process.execPath, [join(root, "bin", "build-console.js")]),
  },
  {
    isDue: () => {
      const builders = ["bin/build-command.js", "bin/node-bundle.js", "package-lock.json", "tsconfig.build.json", ...sources].map((name) =>
        newest(join(root, name)),
      );
      return Math.max(...builders) > (existsSync(stamp) ? statSync(stamp).mtimeMs : 0);
    },
    run: () => {
      run("Building", process.execPath, [join(root, "node_modules", "typescript", "bin", "tsc"), "-p", "tsconfig.build.json"]);
      run("Bundling the command", process.execPath, [join(root, "bin", "build-command.js")]);
      writeFileSync(stamp, "");
    },
  },
  {
    isDue: () => {
      const builtFrom = [
        stamp,
        join(root, "bin", "build-packages.js"),
        join(root, "bin", "node-bundle.js"),
        join(root, "package-lock.json"),
      ];
      return packages.some((name) => {
        const built = join(root, "packages", name, "dist", "index.js");
        const sourceMs = Math.max(...[...builtFrom, join(root, "packages", name, "package.json")].map(newest));
        return sourceMs > (existsSync(built) ? statSync(built).mtimeMs : 0);
      });
    },
    run: () => run("Bundling the packages", process.execPath, [join(root, "bin", "build-packages.js")]),
  },
];

export const prepare = () => {
  if (!existsSync(join(root, "tsconfig.build.json")) || !steps.some(({ isDue }) => isDue())) return;
  alone(() => {
    for (const step of steps) if (step.isDue()) step.run();
  });
};

if (process.argv[1] === fileURLToPath(import.meta.url)) prepare();
