import { Cluster, Redis } from "ioredis";
import { CarillonError, messageOf, unavailable } from "../../schemas/errors.js";
import { withinDeadline } from "../deadline.js";
import type { RedisConnection } from "./connection.js";

export interface ExpiryEvents {
  stop(): void;
}

/** Enables expiry events on the server of this connection, if the server allows it. */
const enable = async (node: Redis): Promise<void> => {
  try {
    const [, flags = ""] = (await node.config("GET", "notify-keyspace-events")) as [string, string?];
    const missing = ["E", "x"].filter((flag) => !flags.includes(flag) && !(flag === "x" && flags.includes("A")));
    if (missing.length > 0) await node.config("SET", "notify-keyspace-events", flags + missing.join(""));
  } catch (error) {
    throw new CarillonError(
      "UNAVAILABLE",
      `Carillon is not allowed to enable expiry events in Redis, so only the sweeper fires timers: ${messageOf(error)}`,
      { cause: error, fix: "set notify-keyspace-events to Ex on each server, and allow Carillon's account config|get" },
    );
  }
};

/** Never gives up: a server that becomes reachable again is subscribed to again. */
const listening = { enableAutoPipelining: false, maxRetriesPerRequest: null, autoResubscribe: false, lazyConnect: true } as const;

const pingEveryMs = 5_000;

/**
 * Listens on a separate connection. After each reconnect, whether to a restarted server or to a new master, it enables expiry events before
 * it subscribes. Resolves when it is subscribed.
 */
const listenOn = (subscriber: Redis, onExpired: (key: string) => void): Promise<void> => {
  const { db = 0 } = subscriber.options;
  // without pings a dead connection would go unnoticed, because the socket's timeout starts with a command
  const pinging = setInterval(() => {
    if (subscriber.status === "ready") subscriber.ping().catch(() => undefined);
  }, pingEveryMs);
  pinging.unref();
  subscriber.on("message", (_channel: string, key: string) => onExpired(key));
  subscriber.on("error", () => undefined); // it reconnects by itself; meanwhile the sweeper works
  return new Promise((resolve, reject) => {
    subscriber.on("ready", () => {
      enable(subscriber)
        .then(() => subscriber.subscribe(`__keyevent@${db}__:expired`))
        .then(() => resolve(), reject);
    });
    subscriber.once("end", () => {
      clearInterval(pinging);
      reject(new CarillonError("CLOSED", "it was stopped"));
    });
    subscriber.connect().catch(() => undefined); // it retries by itself
  });
};

const firstListenMs = 10_000;

const nodeOf = ({ options }: Redis): string => `${options.host}:${options.port}`;

/**
 * Each node of a cluster reports only its own keys. Replicas are subscribed to as well: a replica may become master, and reports nothing
 * until then.
 */
const listenToCluster = async (cluster: Cluster, onExpired: (key: string) => void): Promise<ExpiryEvents> => {
  const subscribers = new Map<string, Redis>();
  const add = async (node: Redis): Promise<void> => {
    const name = nodeOf(node);
    if (subscribers.has(name)) return;
    const subscriber = new Redis({
      ...node.options,
      readOnly: false,
      retryStrategy: (tries: number) => Math.min(100 * tries, 1_000),
      ...listening,
    });
    subscribers.set(name, subscriber);
    await listenOn(subscriber, onExpired);
  };
  const remove = (node: Redis): void => {
    subscribers.get(nodeOf(node))?.disconnect();
    subscribers.delete(nodeOf(node));
  };
  const onNode = (node: Redis): void => void add(node).catch(() => undefined);
  if (cluster.status === "wait") await cluster.connect();
  cluster.on("+node", onNode);
  cluster.on("-node", remove);
  const stop = (): void => {
    cluster.off("+node", onNode);
    cluster.off("-node", remove);
    for (const subscriber of subscribers.values()) subscriber.disconnect();
  };
  const nodes = cluster.nodes("all");
  const heard = await Promise.allSettled(nodes.map((node) => withinDeadline(nodeOf(node), firstListenMs, add(node))));
  const deaf = heard.find((one) => one.status === "rejected");
  // a node that is down is subscribed to once it is back; one that refuses is misconfigured
  if (deaf && (heard.every((one) => one.status === "rejected") || deaf.reason instanceof CarillonError)) {
    stop();
    throw deaf.reason;
  }
  return { stop };
};

/** Calls `onExpired` for each expired key, on whichever node it is. Rejects UNAVAILABLE with the reason. */
export const listenForExpiries = async ({ client, address }: RedisConnection, onExpired: (key: string) => void): Promise<ExpiryEvents> => {
  try {
    if (client instanceof Cluster) return await listenToCluster(client, onExpired);
    const subscriber = client.duplicate(listening);
    // when one connection had to be reopened, this one may lead to a former master, which sends no events
    const follow = (): void => {
      if (subscriber.status === "ready") subscriber.disconnect(true);
    };
    client.on("reconnecting", follow);
    const stop = (): void => {
      client.off("reconnecting", follow);
      subscriber.disconnect();
    };
    await withinDeadline(`Redis at ${address}`, firstListenMs, listenOn(subscriber, onExpired)).catch((error: unknown) => {
      stop();
      throw error;
    });
    return { stop };
  } catch (error) {
    throw error instanceof CarillonError ? error : unavailable(`Redis at ${address}`, error);
  }
};
