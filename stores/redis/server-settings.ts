import { Cluster, type Redis } from "ioredis";
import { CarillonError } from "../../schemas/errors.js";
import type { ServerSettings } from "../server-settings.js";
import type { RedisConnection } from "./connection.js";

const fieldsOf = (info: string): ReadonlyMap<string, string> =>
  new Map(info.split(/\r?\n/).flatMap((line) => (line.includes(":") ? [line.split(":", 2) as [string, string]] : [])));

const refuseEviction = (fields: ReadonlyMap<string, string>): void => {
  const policy = fields.get("maxmemory_policy") ?? "noeviction";
  if (policy === "noeviction") return;
  throw new CarillonError("SERVER_INCOMPATIBLE", `it evicts keys when its memory is full (maxmemory-policy ${policy})`, {
    fix: "set maxmemory-policy to noeviction: without its claim, a message can be sent twice; without its timer, a retry is lost",
  });
};

const refuseReplica = (fields: ReadonlyMap<string, string>): void => {
  if (fields.get("role") !== "slave") return;
  throw new CarillonError("SERVER_INCOMPATIBLE", "it is a replica, which accepts no writes", {
    fix: "set redis.url to the master, or redis.sentinel.addresses to the sentinels",
  });
};

const oldestMajor = 7;

/** Forks such as Valkey report the Redis version that they are compatible with. */
const refuseOld = (fields: ReadonlyMap<string, string>): void => {
  const version = fields.get("redis_version") ?? "";
  if (!(Number.parseInt(version, 10) < oldestMajor)) return;
  throw new CarillonError("SERVER_INCOMPATIBLE", `it is Redis ${version}`, { fix: `run Redis ${oldestMajor}.0 or later, or a Valkey` });
};

const hasExpiryFlags = (flags: string): boolean => flags.includes("E") && (flags.includes("x") || flags.includes("A"));

export const createServerSettings = ({ client, ask }: RedisConnection): ServerSettings => {
  const masters = async (): Promise<readonly Redis[]> => {
    if (!(client instanceof Cluster)) return [client];
    if (client.status === "wait") await client.connect();
    return client.nodes("master");
  };
  return {
    storage: async () => {
      const infos = await ask(async () => Promise.all((await masters()).map((server) => server.info())));
      const servers = infos.map(fieldsOf);
      for (const fields of servers) {
        refuseOld(fields);
        refuseReplica(fields);
        refuseEviction(fields);
      }
      return servers.some((fields) => fields.get("aof_enabled") === "0")
        ? "reachable; without an append-only file (appendonly), a restart loses claims and timers"
        : "answers";
    },
    sendsExpiries: () =>
      ask(async () => {
        const answers = await Promise.all((await masters()).map((server) => server.config("GET", "notify-keyspace-events")));
        return (answers as [string, string?][]).every(([, flags = ""]) => hasExpiryFlags(flags));
      }),
  };
};
