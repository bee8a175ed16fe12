import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { loopback, type RunningServer, runServer, type ServerKind } from "./server.js";
import { exists, freePort, runCommand, startDaemon, waitForPort } from "./shell.js";

const version = "4.1.1";

const pom = `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>carillon.test</groupId><artifactId>kafka</artifactId><version>1</version><dependencies><dependency>
<groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>${version}</version>
</dependency></dependencies></project>`;

interface Node {
  readonly id: number;
  readonly host: string;
  readonly port: number;
  readonly controllerPort: number;
}

const properties = (node: Node, nodes: readonly Node[], data: string): string => {
  const copies = Math.min(3, nodes.length);
  const inSync = Math.max(1, copies - 1);
  return Object.entries({
    "process.roles": "broker,controller",
    "node.id": node.id,
    "controller.quorum.voters": nodes.map(({ id, host, controllerPort }) => `${id}@${host}:${controllerPort}`).join(","),
    listeners: `PLAINTEXT://${node.host}:${node.port},CONTROLLER://${node.host}:${node.controllerPort}`,
    "advertised.listeners": `PLAINTEXT://${node.host}:${node.port}`,
    "controller.listener.names": "CONTROLLER",
    "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
    "log.dirs": join(data, "log"),
    "default.replication.factor": copies,
    "min.insync.replicas": inSync,
    "offsets.topic.replication.factor": copies,
    "transaction.state.log.replication.factor": copies,
    "transaction.state.log.min.isr": inSync,
    "offsets.topic.num.partitions": 10,
    "transaction.state.log.num.partitions": 10,
    "group.initial.rebalance.delay.ms": 0,
    "auto.create.topics.enable": "false",
  })
    .map(([key, value]) => `${key}=${value}`)
    .join("\n");
};

/**
 * So many KRaft brokers, each a controller, too; from three on, everything has three copies and two must be in sync.
 * `javaOptions`: of each broker's machine.
 */
export const startBrokers = async (
  folder: string,
  data: string,
  count: number,
  host = loopback,
  javaOptions: readonly string[] = ["-Xmx768m"],
): Promise<RunningServer[]> => {
  const classpath = join(folder, "lib", "*");
  const storage = ["-cp", classpath, "kafka.tools.StorageTool"];
  const clusterId = (await runCommand("java", [...storage, "random-uuid"])).trim().split("\n").at(-1) ?? "";
  const nodes: Node[] = [];
  for (let id = 1; id <= count; id += 1) nodes.push({ id, host, port: await freePort(host), controllerPort: await freePort(host) });
  return Promise.all(
    nodes.map(async (node) => {
      const own = join(data, `node-${node.id}`);
      await mkdir(own, { recursive: true });
      const config = join(own, "server.properties");
      await writeFile(config, properties(node, nodes, own));
      await runCommand("java", [...storage, "format", "-t", clusterId, "-c", config]);
      const log = join(own, "kafka.log");
      return runServer(`${host}:${node.port}`, async () => {
        const daemon = startDaemon("java", [...javaOptions, "-cp", classpath, "kafka.Kafka", config], log, { cwd: own });
        await waitForPort("Kafka", node.port, 90_000, log, host);
        await sleep(1_000); // the coordinators load for about a second after the port opens
        return daemon;
      });
    }),
  );
};

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
  start: async (folder, data, host) => {
    const [broker] = await startBrokers(folder, data, 1, host);
    if (!broker) throw new Error("no broker");
    return broker;
  },
};
