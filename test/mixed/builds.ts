import { createHash } from "node:crypto";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { cacheFolder, runCommand, withLock } from "../servers/shell.js";
import { plant } from "./planted.js";

/** A Carillon that can be started: its folder contains `bin/carillon.js` and its dependencies. */
export interface Build {
  readonly name: string;
  readonly root: string;
}

const root = fileURLToPath(new URL("../..", import.meta.url));

/**
 * The build that upgrades start from by default. Once a version is released, this is its tag. Earlier builds have other
 * names for keys of the configuration and for a provider's own id in claims.
 */
export const defaultOld = "39b69cf";

/** Builds from earlier runs that are kept; older ones are removed. */
const keptBuilds = 6;

const textOf = (path: string): string => readFileSync(path, "utf8");

/** Uses this tree's packages if the lock file is the same, each with a separate link, so that clearing the folder does not reach them. */
const givePackages = async (folder: string): Promise<void> => {
  if (textOf(join(folder, "package-lock.json")) !== textOf(join(root, "package-lock.json"))) {
    await runCommand("npm", ["ci", "--no-progress", "--loglevel=error"], { cwd: folder });
    return;
  }
  const [from, to] = [join(root, "node_modules"), join(folder, "node_modules")];
  mkdirSync(to);
  for (const name of readdirSync(from)) symlinkSync(join(from, name), join(to, name));
};

const typeScriptIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts") && !name.endsWith(".d.ts"))
    .map((name) => join(folder, name));

/** Like `npm run build`, without the type check, which takes most of the time and covers the committed tree anyway. */
const buildIn = async (folder: string): Promise<void> => {
  const { include } = JSON.parse(textOf(join(folder, "tsconfig.build.json"))) as { readonly include: readonly string[] };
  await build({
    entryPoints: include.flatMap((name) => typeScriptIn(join(folder, name))),
    outdir: join(folder, "dist"),
    outbase: folder,
    format: "esm",
    platform: "node",
    target: "node20",
    sourcemap: true,
    logLevel: "warning",
  });
  for (const script of ["build-command.js", "build-console.js"])
    await runCommand(process.execPath, [join(folder, "bin", script)], { cwd: folder });
  // its own start must find everything up to date
  const past = new Date(0);
  utimesSync(join(folder, "package-lock.json"), past, past);
  writeFileSync(join(folder, "dist", ".built"), "");
  const packages = join(folder, "packages");
  for (const name of existsSync(packages) ? readdirSync(packages) : []) {
    mkdirSync(join(packages, name, "dist"), { recursive: true });
    writeFileSync(join(packages, name, "dist", "index.js"), "");
  }
};

const buildsFolder = (): string => join(cacheFolder(), "builds");

const forgetOthers = (key: string): void => {
  const others = readdirSync(buildsFolder()).filter((name) => name !== key && !name.startsWith("."));
  const stamp = (name: string): number =>
    Number(existsSync(join(buildsFolder(), name, "used-at")) && textOf(join(buildsFolder(), name, "used-at")));
  for (const name of others.sort((a, b) => stamp(b) - stamp(a)).slice(keptBuilds))
    rmSync(join(buildsFolder(), name), { recursive: true, force: true });
};

/** The least recently used builds are removed first, so that no build of a run disappears while the next is made. */
const noteUse = (folder: string): void => writeFileSync(join(folder, "used-at"), String(Date.now()));

/** Builds once per key. */
const builtOnce = async (name: string, what: string, fill: (folder: string) => Promise<void>): Promise<Build> => {
  // a build's packages are links into this tree
  const key = `${what}-${createHash("sha256").update(root).digest("hex").slice(0, 8)}`;
  const place = join(buildsFolder(), key);
  await withLock(buildsFolder(), async () => {
    if (existsSync(join(place, "used-at"))) {
      noteUse(place);
      return;
    }
    const making = join(buildsFolder(), `.making-${key}`);
    for (const folder of [making, place]) rmSync(folder, { recursive: true, force: true });
    mkdirSync(making, { recursive: true });
    await fill(making);
    await buildIn(making);
    noteUse(making);
    renameSync(making, place);
    forgetOthers(key);
  });
  return { name, root: place };
};

const git = async (...args: string[]): Promise<string> => (await runCommand("git", args, { cwd: root, keep: 10_000_000 })).trim();

/** The build of a commit of this repository. */
export const buildOf = async (commit: string): Promise<Build> => {
  const hash = await git("rev-parse", "--verify", `${commit}^{commit}`).catch((error: unknown) => {
    throw new Error(`there is no commit ${commit} here: name one by --old, or fetch the history (git fetch --unshallow)`, { cause: error });
  });
  return builtOnce(`old (${hash.slice(0, 7)})`, hash, async (folder) => {
    const archive = `${folder}.tar`;
    await git("archive", "--output", archive, hash);
    await runCommand("tar", ["-xf", archive, "-C", folder]);
    rmSync(archive);
    await givePackages(folder);
  });
};

/** The build of the current tree. */
export const thisBuild = (): Build => ({ name: "new", root });

const notBuilt = /^(test|bench|docs|examples|helm|grafana|\.[^/]+)\//;

/** The current tree as a later version, with one more channel and one more stage. */
export const plantedBuild = async (): Promise<Build> => {
  const listed = (await git("ls-files", "--cached", "--others", "--exclude-standard")).split("\n");
  const files = listed.filter((name) => !notBuilt.test(name) && existsSync(join(root, name)));
  const hash = createHash("sha256").update(textOf(fileURLToPath(new URL("planted.ts", import.meta.url))));
  for (const name of files) hash.update(`\0${name}\0`).update(readFileSync(join(root, name)));
  return builtOnce("new (planted)", `planted-${hash.digest("hex").slice(0, 16)}`, async (folder) => {
    for (const name of files) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      cpSync(join(root, name), join(folder, name));
    }
    plant(folder);
    await givePackages(folder);
    for (const script of ["channels/generate.ts", "schemas/generate.ts"])
      await runCommand(process.execPath, ["--import", "tsx", join(folder, script)], { cwd: folder });
  });
};
