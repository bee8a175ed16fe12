import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { cacheFolder, exists, runCommand, withLock } from "./shell.js";

const version = "0.0.19";

/** Helm itself, as the library in its Java binding. */
const pom = `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>carillon.test</groupId><artifactId>helm</artifactId><version>1</version><dependencies>
<dependency><groupId>com.marcnuri.helm-java</groupId><artifactId>helm-java</artifactId><version>${version}</version></dependency>
<dependency><groupId>com.marcnuri.helm-java</groupId><artifactId>linux-amd64</artifactId><version>${version}</version></dependency>
</dependencies></project>`;

const runner = fileURLToPath(new URL("RunHelm.java", import.meta.url));

export interface HelmRunner {
  /** Helm's findings on the chart; rejects on an error. */
  lint(chart: string): Promise<string>;
  /** The chart's manifests with these value files and `key=value`s; rejects with Helm's message on an error. */
  template(chart: string, ...values: readonly string[]): Promise<string>;
}

/** Installs Helm once into the cached folder. */
export const installHelm = async (): Promise<HelmRunner> => {
  const folder = join(cacheFolder(), "helm");
  await mkdir(folder, { recursive: true });
  const marker = join(folder, `installed-${version}`);
  await withLock(folder, async () => {
    if (await exists(marker)) return;
    await writeFile(join(folder, "pom.xml"), pom);
    const copy = ["-q", "-B", "dependency:copy-dependencies", "-DincludeScope=runtime", "-DoutputDirectory=lib"];
    await runCommand("mvn", copy, { cwd: folder });
    await runCommand("javac", ["-cp", join(folder, "lib", "*"), "-d", join(folder, "classes"), runner]);
    await writeFile(marker, "");
  });
  const run = (...args: readonly string[]): Promise<string> =>
    runCommand("java", ["-cp", `${join(folder, "classes")}:${join(folder, "lib", "*")}`, "RunHelm", ...args], {
      timeoutMs: 60_000,
      keep: 4_000_000,
    });
  return { lint: (chart) => run("lint", chart), template: (chart, ...values) => run("template", chart, ...values) };
};
