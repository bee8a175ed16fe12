import { Cluster, type ClusterOptions, Redis, type RedisOptions, ReplyError } from "ioredis";
import { unavailable } from "../../schemas/errors.js";
import type { TlsOptions } from "../../wire/tls.js";
import { endedWithin, withinDeadline } from "../deadline.js";
import { longestDeadlineMs } from "../start-deadline.js";
import type { RedisClient } from "./redis-client.js";
import { createWrites, type Write } from "./replicated-writes.js";

/** host:port */
type Address = string;

export interface RedisServers {
  /** A single Redis. Otherwise `sentinel` or `cluster` is set. */
  readonly url: string | null;
  readonly sentinel?: {
    readonly addresses: readonly Address[];
    readonly name: string;
    readonly username: string | null;
    readonly password: string | null;
  };
  /** Some nodes of a Redis Cluster. */
  readonly cluster?: readonly Address[];
  readonly username?: string | null;
  readonly password?: string | null;
  readonly tls?: TlsOptions | undefined;
}

/** A connection to Redis. Commands of one tick are sent in one pipeline. */
export interface RedisConnection {
  readonly client: RedisClient;
  /** Prefix of every key. */
  readonly prefix: string;
  /** The address without its password. */
  readonly address: string;
  /** Converts ioredis errors to UNAVAILABLE. */
  ask<T>(question: () => Promise<T>): Promise<T>;
  /** A durable write: it counts once the configured number of replicas have it. */
  readonly write: Write;
  close(): Promise<void>;
}

const commandTimeoutMs = 10_000;
/** The client reconnects to a server that leaves a request unanswered for this long, because the connection may be dead. */
const silenceMs = 10_000;
/** The same for a client that reports itself as connected or connecting while every command fails. */
const failingMs = 20_000;
const keepAliveMs = 10_000;
const retryDelayMs = (tries: number): number => Math.min(50 * 2 ** tries, 2_000);
/** Minimum interval between reconnections to an address that still leads to a replica. */
const leastMoveMs = 1_000;

/** The answer of a master that became a replica, on connections that it left open. */
const isDemotion = ({ message }: Error): boolean => /\bREADONLY\b|instance state changed/.test(message);

/**
 * After a failover behind one address (a name or a proxy, as in managed services) existing connections still lead to the former master. A
 * new connection leads to the current one. The command itself fails, and its caller retries.
 */
const followMaster = (): NonNullable<RedisOptions["reconnectOnError"]> => {
  let movedAtMs = Number.NEGATIVE_INFINITY;
  return (error) => {
    if (!isDemotion(error) || Date.now() - movedAtMs < leastMoveMs) return false;
    movedAtMs = Date.now();
    return true;
  };
};

const partsOf = (address: Address): { host: string; port: number } => {
  const at = address.lastIndexOf(":");
  return { host: address.slice(0, at), port: Number(address.slice(at + 1)) };
};

const account = (username: string | null | undefined, password: string | null | undefined) => ({
  ...(username ? { username } : {}),
  ...(password ? { password } : {}),
});

const sentinelOptions = (
  { addresses, name, username, password }: NonNullable<RedisServers["sentinel"]>,
  tls?: TlsOptions,
): RedisOptions => ({
  sentinels: addresses.map(partsOf),
  name,
  ...(username ? { sentinelUsername: username } : {}),
  ...(password ? { sentinelPassword: password } : {}),
  ...(tls ? { sentinelTLS: tls, enableTLSForSentinelMode: true } : {}),
  failoverDetector: true,
});

/** A client for the configured servers: a single Redis, the master that Sentinel names, or a cluster. Connects lazily. */
export const createRedisClient = (servers: RedisServers, overrides: RedisOptions = {}): RedisClient => {
  const { url, sentinel, cluster = [], username, password, tls } = servers;
  const common: RedisOptions = {
    connectTimeout: 5_000,
    // the client's own timer ends no command because this process was stalled
    commandTimeout: longestDeadlineMs(commandTimeoutMs),
    socketTimeout: silenceMs,
    keepAlive: keepAliveMs,
    maxRetriesPerRequest: 5,
    ...account(username, password),
    ...(tls ? { tls } : {}),
    ...overrides,
  };
  if (cluster.length > 0) {
    const { lazyConnect, enableAutoPipelining, enableOfflineQueue, ...redisOptions } = common;
    const options: ClusterOptions = {
      lazyConnect: true,
      enableAutoPipelining: enableAutoPipelining ?? true,
      clusterRetryStrategy: retryDelayMs,
      slotsRefreshTimeout: 3_000,
      slotsRefreshInterval: 5_000,
      retryDelayOnFailover: 200,
      retryDelayOnClusterDown: 200,
      // with TLS, node names are not resolved here, so that they match the nodes' certificates
      ...(tls ? { dnsLookup: (address, done) => done(null, address) } : {}),
      redisOptions,
    };
    return new Cluster(cluster.map(partsOf), options);
  }
  const alone: RedisOptions = {
    lazyConnect: true,
    enableAutoPipelining: true,
    retryStrategy: retryDelayMs,
    reconnectOnError: followMaster(),
    ...common,
  };
  return sentinel && sentinel.addresses.length > 0
    ? new Redis({ ...alone, ...sentinelOptions(sentinel, tls) })
    : new Redis(url ?? "redis://127.0.0.1:6379", alone);
};

/** The configured addresses, without accounts. */
export const redisAddress = ({ url, sentinel, cluster = [] }: Pick<RedisServers, "url" | "sentinel" | "cluster">): string => {
  if (cluster.length > 0) return cluster.join(", ");
  if (sentinel && sentinel.addresses.length > 0) return `${sentinel.name} of ${sentinel.addresses.join(", ")}`;
  const { host, port } = new URL(url ?? "redis://127.0.0.1:6379");
  return host || `localhost:${port || 6379}`;
};

export interface RedisSettings {
  readonly servers: RedisServers;
  readonly prefix: string;
  /** Number of replicas that must have a write before it counts, as long as they are available. */
  readonly replicas?: number;
}

export const connectRedis = ({ servers, prefix, replicas = 0 }: RedisSettings, onError: (error: unknown) => void): RedisConnection => {
  const client = createRedisClient(servers);
  client.on("error", onError);
  const address = redisAddress(servers);
  let failingSinceMs: number | undefined;
  const noteFailure = (): void => {
    failingSinceMs ??= Date.now();
    if (Date.now() - failingSinceMs < failingMs) return;
    failingSinceMs = undefined;
    client.disconnect(true);
  };
  return {
    client,
    prefix,
    address,
    write: createWrites(client, replicas, onError),
    ask: async (question) => {
      try {
        const answer = await withinDeadline(`Redis at ${address}`, commandTimeoutMs, question());
        failingSinceMs = undefined;
        return answer;
      } catch (error) {
        if (!(error instanceof ReplyError)) noteFailure();
        throw unavailable(`Redis at ${address}`, error);
      }
    },
    close: async () => {
      if (client.status !== "wait" && client.status !== "end") await endedWithin(commandTimeoutMs, client.quit());
      client.disconnect(); // otherwise the listeners on the sentinels would remain
    },
  };
};
