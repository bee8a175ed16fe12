import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { ServerKind } from "./server.js";
import { exists, freePort, runCommand, startDaemon, waitForPort } from "./shell.js";

const version = "4.1.1";

const pom = `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>carillon.test</groupId><artifactId>kafka</artifactId><version>1</version><dependencies><dependency>
<groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>${version}</version>
</dependency></dependencies></project>`;

const properties = (port: number, controllerPort: number, data: string): string =>
  Object.entries({
    "process.roles": "broker,controller",
    "node.id": 1,
    "controller.quorum.voters": `1@127.0.0.1:${controllerPort}`,
    listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    "advertised.listeners": `PLAINTEXT://127.0.0.1:${port}`,
    "controller.listener.names": "CONTROLLER",
    "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
    "log.dirs": join(data, "log"),
    "offsets.topic.replication.factor": 1,
    "transaction.state.log.replication.factor": 1,
    "transaction.state.log.min.isr": 1,
    "offsets.topic.num.partitions": 10,
    "transaction.state.log.num.partitions": 10,
    "group.initial.rebalance.delay.ms": 0,
    "auto.create.topics.enable": "false",
  })
    .map(([key, value]) => `${key}=${value}`)
    .join("\n");

/** Apache Kafka, one KRaft broker, from Maven Central's jars on Java 17. */
export const kafka: ServerKind = {
  name: "Kafka",
  variable: "CARILLON_TEST_KAFKA",
  install: async (folder) => {
    const marker = join(folder, `installed-${version}`);
    if (await exists(marker)) return;
    await writeFile(join(folder, "pom.xml"), pom);
    await runCommand("mvn", ["-q", "-B", "dependency:copy-dependencies", "-DincludeScope=runtime", "-DoutputDirectory=lib"], {
      cwd: folder,
    });
    await writeFile(marker, "");
  },
  start: async (folder, data) => {
    const classpath = join(folder, "lib", "*");
    const port = await freePort();
    await mkdir(data, { recursive: true });
    const config = join(data, "server.properties");
    await writeFile(config, properties(port, await freePort(), data));
    const storage = ["-cp", classpath, "kafka.tools.StorageTool"];
    const clusterId = (await runCommand("java", [...storage, "random-uuid"])).trim().split("\n").at(-1) ?? "";
    await runCommand("java", [...storage, "format", "-t", clusterId, "-c", config]);
    const log = join(data, "kafka.log");
    const daemon = startDaemon("java", ["-Xmx768m", "-cp", classpath, "kafka.Kafka", config], log, { cwd: data });
    await waitForPort("Kafka", port, 90_000, log);
    await sleep(1_000); // the coordinators load for about a second after the port opens
    return { address: `127.0.0.1:${port}`, stop: daemon.stop };
  },
};
