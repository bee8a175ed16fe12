import { Redis } from "ioredis";
import { unavailable } from "../../schemas/errors.js";

/** A connection to Redis; commands of one tick leave in one pipeline. */
export interface RedisConnection {
  readonly client: Redis;
  /** First part of every key. */
  readonly prefix: string;
  /** The address without its password. */
  readonly address: string;
  /** Turns what ioredis throws into UNAVAILABLE. */
  ask<T>(question: () => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

const commandTimeoutMs = 10_000;

export const connectRedis = (url: string, prefix: string, onError: (error: unknown) => void): RedisConnection => {
  const client = new Redis(url, {
    lazyConnect: true,
    enableAutoPipelining: true,
    connectTimeout: 5_000,
    commandTimeout: commandTimeoutMs,
    maxRetriesPerRequest: 5,
    retryStrategy: (tries: number) => Math.min(50 * 2 ** tries, 2_000),
  });
  client.on("error", onError);
  const { host, port } = new URL(url);
  const address = host || `localhost:${port || 6379}`;
  return {
    client,
    prefix,
    address,
    ask: async (question) => {
      try {
        return await question();
      } catch (error) {
        throw unavailable(`Redis at ${address}`, error);
      }
    },
    close: async () => {
      if (client.status === "wait" || client.status === "end") client.disconnect();
      else await client.quit().catch(() => client.disconnect());
    },
  };
};
