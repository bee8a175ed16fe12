import { mkdir, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { loopback, runServer, type ServerKind } from "./server.js";
import { answersHttp, exists, freePort, runCommand, startDaemon, waitUntil } from "./shell.js";

const version = "3.0.9";

const takesSchema = async (address: string): Promise<boolean> => {
  const response = await fetch(`${address}/subjects/first/versions`, {
    method: "POST",
    headers: { "content-type": "application/vnd.schemaregistry.v1+json" },
    body: JSON.stringify({ schema: '"string"' }),
    signal: AbortSignal.timeout(30_000),
  });
  return response.ok;
};

/** Apicurio Registry with its Confluent-compatible API, its schemas in a file. */
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
  start: async (folder, data, host = loopback) => {
    await mkdir(data, { recursive: true });
    const port = await freePort(host);
    const managementPort = await freePort(host);
    const log = join(data, "registry.log");
    const options = [
      "-Xmx384m",
      `-Dquarkus.http.host=${host}`,
      `-Dquarkus.http.port=${port}`,
      `-Dquarkus.management.port=${managementPort}`,
      "-Dquarkus.http.access-log.enabled=false",
      "-Dapicurio.storage.sql.kind=h2",
      `-Dapicurio.datasource.url=jdbc:h2:file:${join(data, "schemas")};DB_CLOSE_ON_EXIT=FALSE`,
    ];
    const address = `http://${host}:${port}/apis/ccompat/v7`;
    return runServer(address, async () => {
      const daemon = startDaemon("java", [...options, "-jar", join(folder, `apicurio-registry-app-${version}-runner.jar`)], log, {
        cwd: folder,
      });
      await waitUntil("schema registry", () => answersHttp(`${address}/subjects`), 120_000, log);
      // a cold registry takes seconds for its first schema, and as long for each concurrent one
      await waitUntil("schema registry", () => takesSchema(address), 120_000, log);
      return daemon;
    });
  },
};
