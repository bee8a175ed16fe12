import { execFile } from "node:child_process";
import { mkdir, readdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { cacheFolder } from "../../test/servers/shell.js";
import { type Child, startChild } from "./child.js";

const run = promisify(execFile);
const sources = fileURLToPath(new URL("../peers/java/", import.meta.url));
const packageFolder = join(sources, "src/main/java/carillon/bench");

const changedAt = (path: string): Promise<number> =>
  stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );

/** Fetches the libraries and compiles changed files. Resolves with the class path. */
const prepareJava = async (): Promise<string> => {
  const folder = join(cacheFolder(), "bench-java");
  const [lib, classes, stamp] = [join(folder, "lib"), join(folder, "classes"), join(folder, "compiled")];
  await mkdir(classes, { recursive: true });
  const files = (await readdir(packageFolder)).map((file) => join(packageFolder, file));
  const newest = Math.max(...(await Promise.all([...files, join(sources, "pom.xml")].map(changedAt))));
  if (newest > (await changedAt(stamp))) {
    await run("mvn", ["-q", "-B", "dependency:copy-dependencies", "-DincludeScope=runtime", `-DoutputDirectory=${lib}`], { cwd: sources });
    await run("javac", ["--release", "17", "-cp", join(lib, "*"), "-d", classes, ...files]);
    await writeFile(stamp, "");
  }
  return `${join(lib, "*")}:${classes}`;
};

/** Starts one of the peers in Java. */
export const startJava = async (mainClass: string, args: readonly string[]): Promise<Child> =>
  startChild("java", ["-Xmx2g", "-cp", await prepareJava(), `carillon.bench.${mainClass}`, ...args]);
