import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { kafka, startBrokers } from "../servers/kafka.js";
import { mongo } from "../servers/mongo.js";
import { redisWith } from "../servers/redis.js";
import { registry } from "../servers/registry.js";
import type { RunningServer, ServerKind } from "../servers/server.js";
import { cacheFolder, withLock } from "../servers/shell.js";
import { createNetwork, type Link, type Network } from "./network.js";

/** Servers for the runs, which may be killed. */
export interface Cluster {
  readonly network: Network;
  readonly links: readonly [Link, Link];
  readonly brokers: readonly RunningServer[];
  readonly redis: RunningServer;
  /** A Redis that persists nothing. */
  readonly forgetfulRedis: RunningServer;
  readonly mongo: RunningServer;
  readonly registry: RunningServer;
  stop(): Promise<void>;
}

const brokerCount = 3;
/** Three brokers on a small machine: they need to run, not to be fast. */
const javaOptions = ["-Xmx512m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"];

export const startCluster = async (say: (text: string) => void): Promise<Cluster> => {
  const data = await mkdtemp(join(tmpdir(), "carillon-chaos-"));
  const network = await createNetwork();
  const started: RunningServer[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(started.map((server) => server.stop()));
    await network.remove();
    await rm(data, { recursive: true, force: true });
  };
  const start = async <T extends RunningServer | RunningServer[]>(
    kind: ServerKind,
    own: string,
    launch: (folder: string, data: string) => Promise<T>,
  ): Promise<T> => {
    const folder = join(cacheFolder(), kind.name.replaceAll(" ", "-").toLowerCase());
    await mkdir(folder, { recursive: true });
    await withLock(folder, () => kind.install(folder));
    const servers = await launch(folder, join(data, own));
    started.push(...[servers].flat());
    say(`${own} answers`);
    return servers;
  };
  const startOne = (kind: ServerKind, own: string): Promise<RunningServer> =>
    start(kind, own, (folder, place) => kind.start(folder, place, network.host));
  try {
    const links = [await network.attach("one"), await network.attach("two")] as const;
    const [brokers, redis, forgetfulRedis, store, schemas] = await Promise.all([
      start(kafka, "Kafka", (folder, place) => startBrokers(folder, place, brokerCount, { host: network.host, javaOptions })),
      startOne(redisWith(true), "Redis"),
      startOne(redisWith(false), "Redis without a file"),
      startOne(mongo, "MongoDB"),
      startOne(registry, "registry"),
    ]);
    return { network, links, brokers, redis, forgetfulRedis, mongo: store, registry: schemas, stop };
  } catch (error) {
    await stop();
    throw error;
  }
};
