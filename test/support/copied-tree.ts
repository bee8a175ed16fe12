import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, mkdirSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { cleanEnvironment } from "./clean-environment.js";
import { endWithParent } from "./end-with-parent.js";
import { eventually } from "./eventually.js";
import { scratchFolder } from "./scratch.js";

const root = fileURLToPath(new URL("../..", import.meta.url));

export interface CopiedTree {
  readonly path: string;
  write(file: string, text: string): void;
  /** Runs a command in the tree to its end. Throws with its output if it fails. */
  run(command: string, ...args: string[]): string;
  /** Files that differ from the copied ones, as in `git status`. */
  changed(): string[];
  /** Builds the command and the console's page. */
  build(): void;
  /** Runs the built Carillon. */
  carillon(...args: string[]): string;
  /** Starts it with a separate data folder. Resolves with its address and a function that stops it. */
  start(): Promise<{ readonly url: string; stop(): Promise<void> }>;
  remove(): void;
}

/** The sources in a separate repository, to change them and observe the effects. Packages are shared. */
export const copyTree = (): CopiedTree => {
  const folder = scratchFolder();
  const { path } = folder;
  const env = { ...cleanEnvironment(), NO_COLOR: "1", CARILLON_DATA_DIR: join(path, ".carillon"), CARILLON_PORT: "0", NO_PROXY: "*" };
  const run = (command: string, ...args: string[]): string => {
    const { status, stdout, stderr } = spawnSync(command, args, { cwd: path, env, encoding: "utf8", timeout: 180_000 });
    if (status !== 0) throw new Error(`${command} ${args.join(" ")} ended with ${status}:\n${stdout}${stderr}`);
    return stdout;
  };
  const listed = spawnSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], { cwd: root, encoding: "utf8" });
  for (const file of listed.stdout.split("\0").filter((name) => name !== "" && !name.startsWith("docs/images/"))) {
    mkdirSync(dirname(join(path, file)), { recursive: true });
    copyFileSync(join(root, file), join(path, file));
  }
  // the packages are shared; an older lock file prevents an installation
  utimesSync(join(path, "package-lock.json"), 0, 0);
  symlinkSync(join(root, "node_modules"), join(path, "node_modules"));
  writeFileSync(join(path, ".git-exclude"), "node_modules\n.git-exclude\n");
  run("git", "init", "-q");
  run("git", "config", "core.excludesFile", join(path, ".git-exclude"));
  run("git", "add", "-A");
  run("git", "-c", "user.name=test", "-c", "user.email=test@carillon.test", "commit", "-qm", "Copy");
  return {
    path,
    run,
    write: (file, text) => writeFileSync(join(path, file), text),
    changed: () =>
      run("git", "status", "--porcelain", "--untracked-files=all")
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => line.slice(3)),
    build: () => void run(process.execPath, "bin/prepare.js"),
    carillon: (...args) => run(process.execPath, "bin/carillon.js", ...args),
    start: async () => {
      const child: ChildProcess = spawn(process.execPath, ["bin/carillon.js", "start"], {
        cwd: path,
        env,
        stdio: ["ignore", "pipe", "pipe"],
      });
      endWithParent(child);
      let output = "";
      for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk: Buffer) => (output += chunk.toString()));
      const url = await eventually(
        () => {
          if (child.exitCode !== null) throw new Error(`Carillon ended with ${child.exitCode}:\n${output}`);
          return /ready at (http:\S+)/.exec(output)?.[1] ?? "";
        },
        (found) => found !== "",
        60_000,
      );
      return {
        url,
        stop: async () => {
          if (child.exitCode !== null || child.signalCode !== null) return;
          child.kill("SIGTERM");
          await once(child, "exit");
        },
      };
    },
    remove: folder.remove,
  };
};
