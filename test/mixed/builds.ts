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

/** A Carillon that can be started: its folder holds `bin/carillon.js` and what that needs. */
export interface Build {
  readonly name: string;
  readonly root: string;
}

const root = fileURLToPath(new URL("../..", import.meta.url));

/**
 * The build that upgrades start from unless told otherwise. Once a version is released, this is its tag. Builds before this one keep
 * the lineage of a channel that they do not know, so that its messages come in two halves.
 */
export const defaultOld = "9cc8608";

/** What an earlier run has built stays; older ones go. */
const keptBuilds = 6;

const textOf = (path: string): string => readFileSync(path, "utf8");

/** Its packages: this tree's, where the lock file is the same; each by a link of its own, so that nothing that clears the folder reaches them. */
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

/** As `npm run build` does, without the types' check: that takes most of the time, and is for the tree that is committed. */
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
  // its own start is to find everything up to date
  const past = new Date(0);
  utimesSync(join(folder, "package-lock.json"), past, past);
  writeFileSync(join(folder, "dist", ".built"), "");
};

const buildsFolder = (): string => join(cacheFolder(), "builds");

const forgetOthers = (key: string): void => {
  const others = readdirSync(buildsFolder()).filter((name) => name !== key && !name.startsWith("."));
  const stamp = (name: string): number =>
    Number(existsSync(join(buildsFolder(), name, "used-at")) && textOf(join(buildsFolder(), name, "used-at")));
  for (const name of others.sort((a, b) => stamp(b) - stamp(a)).slice(keptBuilds))
    rmSync(join(buildsFolder(), name), { recursive: true, force: true });
};

/** Builds that were not used for the longest time go first, so that none of a run goes while the next is made. */
const noteUse = (folder: string): void => writeFileSync(join(folder, "used-at"), String(Date.now()));

/** Built once for each key. */
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

/** The build of this tree as it is now. */
export const thisBuild = (): Build => ({ name: "new", root });

const notBuilt = /^(test|bench|docs|examples|helm|grafana|\.[^/]+)\//;

/** This tree as a later version may be: with one more channel and one more stage. */
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
