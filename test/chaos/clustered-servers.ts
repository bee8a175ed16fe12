import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { kafka, startBrokers } from "../servers/kafka.js";
import { mongo } from "../servers/mongo.js";
import { folderOf } from "../servers/provision.js";
import { installRedis, startRedisCluster } from "../servers/redis.js";
import { registry } from "../servers/registry.js";
import { withLock } from "../servers/shell.js";

/** Three brokers on a small machine: they need to run, not to be fast. */
const javaOptions = ["-Xmx512m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"];

/** Three brokers, a Redis Cluster, and one each of the other servers. */
export const startClusteredServers = async (data: string) => {
  const kinds = [kafka, mongo, registry];
  await Promise.all([
    ...kinds.map(async (kind) => {
      mkdirSync(folderOf(kind), { recursive: true });
      await withLock(folderOf(kind), () => kind.install(folderOf(kind)));
    }),
    installRedis(),
  ]);
  const [brokers, redis, store, schemas] = await Promise.all([
    startBrokers(folderOf(kafka), join(data, "kafka"), 3, { javaOptions }),
    startRedisCluster(join(data, "redis")),
    mongo.start(folderOf(mongo), join(data, "mongo")),
    registry.start(folderOf(registry), join(data, "registry")),
  ]);
  return { brokers, redis, mongo: store, registry: schemas };
};

export type ClusteredServers = Awaited<ReturnType<typeof startClusteredServers>>;

export const stopClusteredServers = async ({ brokers, redis, mongo: store, registry: schemas }: ClusteredServers): Promise<void> => {
  await Promise.all([...brokers.map((one) => one.stop()), redis.stop(), store.stop(), schemas.stop()]);
};
