import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Certificates } from "./certificates.js";
import { loopback, type RunningServer, runServer, type ServerKind } from "./server.js";
import { aptInstall, freePort, hasCommand, runCommand, startDaemon, waitForPort, waitUntil } from "./shell.js";

export const installRedis = async (): Promise<void> => {
  if (!(await hasCommand("redis-server"))) await aptInstall("redis-server");
};

export interface RedisProcess extends RunningServer {
  readonly host: string;
  readonly port: number;
}

interface ProcessOptions {
  readonly host?: string;
  readonly port?: number;
  readonly settings?: Readonly<Record<string, string>>;
  lead?: readonly string[];
}

/** One redis-server, by default with its append-only file. */
const startRedis = async (data: string, { host = loopback, port, settings = {} }: ProcessOptions = {}): Promise<RedisProcess> => {
  const own = port ?? (await freePort(host));
  await mkdir(data, { recursive: true });
  const log = join(data, "redis.log");
  const all = { port: String(own), bind: host, "protected-mode": "no", save: "", appendonly: "yes", ...settings };
  // a setting may have several words, but the folder's name stays one argument
  const args = [...Object.entries(all).flatMap(([name, value]) => [`--${name}`, ...value.split(" ")]), "--dir", data];
  const server = await runServer(`redis://${host}:${own}`, async () => {
    const daemon = startDaemon("redis-server", args, log);
    await waitForPort("Redis", own, 20_000, log, host);
    return daemon;
  });
  return { ...server, host, port: own };
};

/** Redis from Debian's packages, with its append-only file or without persistence. */
export const redisWith = (appendOnly: boolean): ServerKind => ({
  name: "Redis",
  variable: "CARILLON_TEST_REDIS",
  install: installRedis,
  start: (_folder, data, host = loopback) => startRedis(data, { host, settings: { appendonly: appendOnly ? "yes" : "no" } }),
});

export const redis = redisWith(true);

/** The permissions that Carillon's account needs, and no more; docs/operating/servers.md lists the same. */
export const leastRights = (prefix: string): readonly string[] => [
  `~${prefix}:*`,
  `~{${prefix}:bull}:*`,
  "&__keyevent@*__:expired",
  "-@all",
  "+@read",
  "+@write",
  "+@connection",
  "+@scripting",
  "+@transaction",
  "+subscribe",
  "+unsubscribe",
  "+info",
  "+time",
  "+wait",
  "+config|get",
  "+config|set",
  "+cluster|slots",
  "+cluster|nodes",
];

export interface RedisAccount {
  readonly username: string;
  readonly password: string;
}

/** A Redis that accepts only encrypted connections with a client certificate and an account. */
export const startSecureRedis = async (
  data: string,
  { caFile, certFile, keyFile }: Certificates,
  { username, password }: RedisAccount,
  rights: readonly string[],
): Promise<RedisProcess> => {
  const tlsPort = await freePort();
  const server = await startRedis(data, {
    port: tlsPort,
    settings: { port: "0", "tls-port": String(tlsPort), "tls-ca-cert-file": caFile, "tls-cert-file": certFile, "tls-key-file": keyFile },
  });
  const ask = ["--tls", "--cacert", caFile, "--cert", certFile, "--key", keyFile, "-h", loopback, "-p", String(tlsPort)];
  await runCommand("redis-cli", [...ask, "ACL", "SETUSER", username, "on", `>${password}`, ...rights]);
  await runCommand("redis-cli", [...ask, "ACL", "SETUSER", "default", "off"]);
  return server;
};

export interface RedisCluster {
  /** Masters first, then their replicas. */
  readonly nodes: readonly RedisProcess[];
  stop(): Promise<void>;
}

const stopAll = async (servers: readonly RunningServer[]): Promise<void> => {
  await Promise.all(servers.map((server) => server.stop()));
};

const ask = (port: number, ...command: readonly string[]): Promise<string> =>
  runCommand("redis-cli", ["-h", loopback, "-p", String(port), ...command]);

/** A Redis Cluster of three masters with a replica each. */
export const startRedisCluster = async (data: string): Promise<RedisCluster> => {
  const settings = { "cluster-enabled": "yes", "cluster-node-timeout": "2000", "cluster-require-full-coverage": "no" };
  const nodes: RedisProcess[] = [];
  for (let index = 0; index < 6; index += 1) {
    // each has a separate cluster port, which would default to ten thousand above
    nodes.push(await startRedis(join(data, String(index)), { settings: { ...settings, "cluster-port": String(await freePort()) } }));
  }
  const addresses = nodes.map(({ host, port }) => `${host}:${port}`);
  await runCommand("redis-cli", ["--cluster", "create", ...addresses, "--cluster-replicas", "1", "--cluster-yes"], { timeoutMs: 60_000 });
  for (const { port } of nodes) {
    await waitUntil("Redis Cluster", async () => /cluster_state:ok/.test(await ask(port, "CLUSTER", "INFO")), 30_000);
  }
  return { nodes, stop: () => stopAll(nodes) };
};

export interface RedisSentinel {
  readonly master: RedisProcess;
  readonly replica: RedisProcess;
  /** host:port of the sentinels. */
  readonly sentinels: readonly string[];
  stop(): Promise<void>;
}

export const sentinelMaster = "carillon-test";

/** A master, its replica, and three sentinels that watch them. */
export const startRedisSentinel = async (data: string): Promise<RedisSentinel> => {
  const master = await startRedis(join(data, "master"));
  const replica = await startRedis(join(data, "replica"), { settings: { replicaof: `${master.host} ${master.port}` } });
  await waitUntil("the replica", async () => /master_link_status:up/.test(await ask(replica.port, "INFO", "replication")), 20_000);
  const sentinels: RedisProcess[] = [];
  for (let index = 0; index < 3; index += 1) {
    const folder = join(data, `sentinel-${index}`);
    await mkdir(folder, { recursive: true });
    const file = join(folder, "sentinel.conf");
    const watch = [
      `sentinel monitor ${sentinelMaster} ${master.host} ${master.port} 2`,
      `sentinel down-after-milliseconds ${sentinelMaster} 1000`,
      `sentinel failover-timeout ${sentinelMaster} 5000`,
    ];
    await runCommand("sh", ["-c", 'cat > "$1"', "sh", file], { input: `${watch.join("\n")}\n` });
    sentinels.push(await startSentinel(folder, file));
  }
  for (const { port } of sentinels) {
    const sees = async (): Promise<boolean> => (await ask(port, "SENTINEL", "CKQUORUM", sentinelMaster)).startsWith("OK 3");
    await waitUntil("the sentinels", sees, 20_000);
  }
  const addresses = sentinels.map(({ host, port }) => `${host}:${port}`);
  return { master, replica, sentinels: addresses, stop: () => stopAll([...sentinels, replica, master]) };
};

const startSentinel = async (data: string, file: string): Promise<RedisProcess> => {
  const port = await freePort();
  const log = join(data, "redis.log");
  const args = [file, "--sentinel", "--port", String(port), "--bind", loopback, "--dir", data];
  const server = await runServer(`redis://${loopback}:${port}`, async () => {
    const daemon = startDaemon("redis-server", args, log);
    await waitForPort("Redis Sentinel", port, 20_000, log);
    return daemon;
  });
  return { ...server, host: loopback, port };
};
