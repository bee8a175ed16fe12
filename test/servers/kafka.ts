import { readFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Certificates } from "./certificates.js";
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

const protocolOf = (security: BrokerSecurity | undefined): string => {
  if (!security) return "PLAINTEXT";
  return security.certificates ? "SASL_SSL" : "SASL_PLAINTEXT";
};

const properties = (node: Node, nodes: readonly Node[], data: string, { security, advertisedPort }: BrokerOptions): string => {
  const copies = Math.min(3, nodes.length);
  const inSync = Math.max(1, copies - 1);
  return Object.entries({
    "process.roles": "broker,controller",
    "node.id": node.id,
    "controller.quorum.voters": nodes.map(({ id, host, controllerPort }) => `${id}@${host}:${controllerPort}`).join(","),
    listeners: `CLIENTS://${node.host}:${node.port},CONTROLLER://${node.host}:${node.controllerPort}`,
    "advertised.listeners": `CLIENTS://${node.host}:${advertisedPort ?? node.port}`,
    "inter.broker.listener.name": "CLIENTS",
    "controller.listener.names": "CONTROLLER",
    "listener.security.protocol.map": `CONTROLLER:PLAINTEXT,CLIENTS:${protocolOf(security)}`,
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
    ...(security ? securityProperties(security) : {}),
  })
    .map(([key, value]) => `${key}=${value}`)
    .join("\n");
};

export interface BrokerSecurity {
  /** Without them connections are not encrypted. */
  readonly certificates?: Certificates;
  /** Accounts for PLAIN and both SCRAMs. */
  readonly accounts: readonly BrokerAccount[];
  /** Verifies access tokens for OAUTHBEARER; without it the broker does not offer that mechanism. */
  readonly tokens?: {
    /** URL of the keys, as a JSON Web Key Set. */
    readonly keysUrl: string;
    readonly audience: string;
  };
  /** Accounts with all permissions. If set, permissions apply to the other accounts, which may do everything that is not denied. */
  readonly superUsers?: readonly string[];
  /** Whether the other accounts may do only what is allowed. */
  readonly closed?: boolean;
}

export interface BrokerAccount {
  readonly username: string;
  readonly password: string;
}

const scramArguments = ({ username, password }: BrokerAccount): string[] =>
  ["SCRAM-SHA-256", "SCRAM-SHA-512"].flatMap((mechanism) => ["--add-scram", `${mechanism}=[name=${username},password=${password}]`]);

/** Controllers connect to each other without an account. */
const rightsProperties = (superUsers: readonly string[], closed: boolean): Record<string, string> => ({
  "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
  "super.users": ["ANONYMOUS", ...superUsers].map((name) => `User:${name}`).join(";"),
  "allow.everyone.if.no.acl.found": String(!closed),
});

const modules = "org.apache.kafka.common.security";
const listener = "listener.name.clients";

const tokenProperties = ({ keysUrl, audience }: NonNullable<BrokerSecurity["tokens"]>): Record<string, string> => ({
  [`${listener}.oauthbearer.sasl.jaas.config`]: `${modules}.oauthbearer.OAuthBearerLoginModule required;`,
  [`${listener}.oauthbearer.sasl.server.callback.handler.class`]: `${modules}.oauthbearer.OAuthBearerValidatorCallbackHandler`,
  [`${listener}.oauthbearer.sasl.oauthbearer.jwks.endpoint.url`]: keysUrl,
  [`${listener}.oauthbearer.sasl.oauthbearer.expected.audience`]: audience,
});

const certificateProperties = ({ caFile, certFile, keyFile }: Certificates): Record<string, string> => ({
  [`${listener}.ssl.client.auth`]: "required", // without the listener's name it would be ignored with SASL
  "ssl.keystore.type": "PEM",
  "ssl.keystore.certificate.chain": pem(certFile),
  "ssl.keystore.key": pem(keyFile),
  "ssl.truststore.type": "PEM",
  "ssl.truststore.certificates": pem(caFile),
});

/** Accounts for each configured mechanism; mutual TLS on every connection if there are certificates. */
const securityProperties = ({ certificates, accounts, tokens, superUsers, closed = false }: BrokerSecurity): Record<string, string> => {
  const broker = { username: "broker", password: "broker-secret" };
  const known = [broker, ...accounts].map(({ username, password }) => `user_${username}="${password}"`).join(" ");
  const plain = `${modules}.plain.PlainLoginModule required username="${broker.username}" password="${broker.password}" ${known};`;
  const scram = `${modules}.scram.ScramLoginModule required;`;
  return {
    "sasl.enabled.mechanisms": `PLAIN,SCRAM-SHA-256,SCRAM-SHA-512${tokens ? ",OAUTHBEARER" : ""}`,
    "sasl.mechanism.inter.broker.protocol": "PLAIN",
    [`${listener}.plain.sasl.jaas.config`]: plain,
    [`${listener}.scram-sha-256.sasl.jaas.config`]: scram,
    [`${listener}.scram-sha-512.sasl.jaas.config`]: scram,
    ...(tokens ? tokenProperties(tokens) : {}),
    ...(certificates ? certificateProperties(certificates) : {}),
    ...(superUsers ? rightsProperties([broker.username, ...superUsers], closed) : {}),
  };
};

/** A file's text on one line, as in properties. */
const pem = (file: string): string => readFileSync(file, "utf8").trim().replaceAll("\n", "\\n");

export interface BrokerOptions {
  readonly host?: string;
  /** JVM options of each broker. */
  readonly javaOptions?: readonly string[];
  readonly security?: BrokerSecurity;
  /** The port that clients use instead of the broker's: a proxy on the same host, for a single broker. */
  readonly advertisedPort?: number;
}

/** Starts this number of KRaft brokers, each also a controller. From three on, everything has three copies, and two must be in sync. */
export const startBrokers = async (folder: string, data: string, count: number, options: BrokerOptions = {}): Promise<RunningServer[]> => {
  const { host = loopback, javaOptions = ["-Xmx768m"], security } = options;
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
      await writeFile(config, properties(node, nodes, own, options));
      const accounts = (security?.accounts ?? []).flatMap(scramArguments);
      await runCommand("java", [...storage, "format", "-t", clusterId, "-c", config, ...accounts]);
      const log = join(own, "kafka.log");
      const tokensFrom = security?.tokens ? [`-Dorg.apache.kafka.sasl.oauthbearer.allowed.urls=${security.tokens.keysUrl}`] : [];
      return runServer(`${host}:${node.port}`, async () => {
        const daemon = startDaemon("java", [...javaOptions, ...tokensFrom, "-cp", classpath, "kafka.Kafka", config], log, { cwd: own });
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
    const [broker] = await startBrokers(folder, data, 1, { ...(host ? { host } : {}) });
    if (!broker) throw new Error("no broker");
    return broker;
  },
};
