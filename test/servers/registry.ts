import { mkdir, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import type { ServerKind } from "./server.js";
import { answersHttp, exists, freePort, runCommand, startDaemon, waitUntil } from "./shell.js";

const version = "3.0.9";

/** Apicurio Registry with its Confluent-compatible API, storage in memory. */
export const registry: ServerKind = {
  name: "schema registry",
  variable: "CARILLON_TEST_REGISTRY",
  install: async (folder) => {
    const marker = join(folder, `installed-${version}`);
    if (await exists(marker)) return;
    const artifact = `io.apicurio:apicurio-registry-app:${version}:tar.gz:all`;
    await runCommand("mvn", ["-q", "-B", "dependency:get", "-Dtransitive=false", `-Dartifact=${artifact}`], { cwd: folder });
    const repository = join(homedir(), ".m2/repository/io/apicurio/apicurio-registry-app", version);
    await runCommand("tar", ["xzf", join(repository, `apicurio-registry-app-${version}-all.tar.gz`)], { cwd: folder });
    await writeFile(marker, "");
  },
  start: async (folder, data) => {
    await mkdir(data, { recursive: true });
    const port = await freePort();
    const log = join(data, "registry.log");
    const daemon = startDaemon(
      "java",
      [
        "-Xmx384m",
        "-Dquarkus.http.host=127.0.0.1",
        `-Dquarkus.http.port=${port}`,
        `-Dquarkus.management.port=${await freePort()}`,
        "-Dquarkus.http.access-log.enabled=false",
        "-jar",
        join(folder, `apicurio-registry-app-${version}-runner.jar`),
      ],
      log,
      { cwd: folder },
    );
    const address = `http://127.0.0.1:${port}/apis/ccompat/v7`;
    await waitUntil("schema registry", () => answersHttp(`${address}/subjects`), 120_000, log);
    return { address, stop: daemon.stop };
  },
};
