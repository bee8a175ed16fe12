import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runCommand } from "../servers/shell.js";
import { cleanEnvironment } from "./clean-environment.js";
import { endWithParent } from "./end-with-parent.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const plain = { NO_COLOR: "1", NO_PROXY: "*" };
const quiet = ["--no-audit", "--no-fund", "--no-progress", "--loglevel=error"];

export type PackageName = "carillon" | "carillon-client" | "carillon-testing";

/** The path of each package's tarball. */
export type Tarballs = Readonly<Record<PackageName, string>>;

/** Packs the three packages of this tree, as they would be published. */
export const packAll = async (folder: string): Promise<Tarballs> => {
  const workspaces = ["-w", "carillon-client", "-w", "carillon-testing", "--include-workspace-root"];
  await runCommand("npm", ["pack", ...workspaces, "--ignore-scripts", "--pack-destination", folder, ...quiet], { cwd: root });
  const files = readdirSync(folder);
  const tarball = (name: string): string => {
    const file = files.find((one) => new RegExp(`^${name}-\\d.*\\.tgz$`).test(one));
    if (file === undefined) throw new Error(`npm packed no ${name}: ${files.join(", ")}`);
    return join(folder, file);
  };
  return { carillon: tarball("carillon"), "carillon-client": tarball("carillon-client"), "carillon-testing": tarball("carillon-testing") };
};

/** Compiler options of a strict service: it also checks the declarations of all packages. */
const strict = {
  compilerOptions: {
    target: "ES2023",
    lib: ["ES2023"],
    module: "NodeNext",
    types: ["node"],
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: false,
    rootDir: ".",
    outDir: "built",
  },
  exclude: ["node_modules", "built"],
};

const forBundler = ["--noEmit", "--module", "esnext", "--moduleResolution", "bundler"];

/** A folder in which a user has installed packages. */
export interface Consumer {
  readonly path: string;
  install(...tarballs: readonly string[]): Promise<void>;
  /** Installed packages, by path. */
  installed(): readonly string[];
  write(file: string, text: string): void;
  copy(folder: string): void;
  /** Compiles its TypeScript into built/, with strict checks of all packages' declarations. `bundler`: only checks, as for a bundler. */
  compile(resolution?: "node" | "bundler"): Promise<void>;
  run(command: string, args: readonly string[], env?: Readonly<Record<string, string>>): Promise<string>;
  /** Starts the installed Carillon. Resolves with its address and a function that stops it. */
  start(env: Readonly<Record<string, string>>, ...options: readonly string[]): Promise<{ readonly url: string; stop(): Promise<void> }>;
}

export const createConsumer = (path: string): Consumer => {
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, "package.json"), '{"name":"consumer","version":"1.0.0","private":true,"type":"module"}');
  writeFileSync(join(path, "tsconfig.json"), JSON.stringify(strict));
  return {
    path,
    install: async (...tarballs) => {
      await runCommand("npm", ["install", ...tarballs, "--prefer-offline", "--ignore-scripts", ...quiet], { cwd: path });
    },
    installed: () => {
      const { packages } = JSON.parse(readFileSync(join(path, "node_modules/.package-lock.json"), "utf8")) as { readonly packages: object };
      return Object.keys(packages);
    },
    write: (file, text) => writeFileSync(join(path, file), text),
    copy: (folder) => cpSync(join(root, folder), join(path, folder), { recursive: true }),
    compile: async (resolution = "node") => {
      const types = join(path, "node_modules/@types");
      mkdirSync(types, { recursive: true });
      if (!readdirSync(types).includes("node")) symlinkSync(join(root, "node_modules/@types/node"), join(types, "node"));
      await runCommand(process.execPath, [
        join(root, "node_modules/typescript/bin/tsc"),
        "-p",
        path,
        ...(resolution === "bundler" ? forBundler : []),
      ]);
    },
    run: (command, args, env = {}) => runCommand(command, args, { cwd: path, env: { ...plain, ...env }, timeoutMs: 60_000 }),
    start: async (env, ...options) => {
      const child = spawn(process.execPath, ["node_modules/carillon/bin/carillon.js", ...options, "start"], {
        cwd: path,
        env: { ...cleanEnvironment(), ...plain, ...env },
        stdio: ["ignore", "pipe", "inherit"],
      });
      endWithParent(child);
      const url = await new Promise<string>((resolve, reject) => {
        child.stdout.on("data", (chunk: Buffer) => {
          const found = /ready at (http:\S+)/.exec(chunk.toString())?.[1];
          if (found) resolve(found);
        });
        child.once("exit", (code) => reject(new Error(`Carillon ended with ${code}`)));
      });
      return {
        url,
        stop: async () => {
          const ended = once(child, "exit");
          child.kill("SIGTERM");
          await ended;
        },
      };
    },
  };
};
