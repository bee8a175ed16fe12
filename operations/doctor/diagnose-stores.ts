import type { Config } from "../../config/schema.js";
import { queuesOf } from "../../engine/graphs.js";
import { counted } from "../../schemas/counted.js";
import { CarillonError } from "../../schemas/errors.js";
import { redisAddress } from "../../stores/redis/connection.js";
import { createTenantSecrets } from "../../stores/sealed/tenant-secrets.js";
import type { Stores } from "../../stores/stores.js";
import type { DeliveryParts } from "../delivery-parts.js";
import { measureExisting } from "../lag/lag.js";
import { readConsumers } from "../load/consumer-watch.js";
import { findUnconsumed } from "../load/unconsumed-queues.js";
import { readLoads } from "../load/worker-load.js";
import { countSecrets, tenantsWithUnreadable } from "../tenants/tenant-seals.js";
import { type Diagnosis, look } from "./diagnosis.js";

const expectError = async (question: Promise<unknown>, code: string): Promise<void> => {
  try {
    await question;
  } catch (error) {
    if (!(error instanceof CarillonError) || error.code !== code) throw error;
  }
};

const processesRun = async ({ cells }: Pick<Stores, "cells">): Promise<boolean> => (await readLoads(cells)).size > 0;

/** A start creates missing topics, so if processes run, the topics have been removed since. */
const topicsGone = (topics: readonly string[]): CarillonError =>
  new CarillonError("NOT_FOUND", `processes run, but these topics do not exist: ${topics.join(", ")}`, {
    fix: "run carillon prepare to create them; running processes then resume automatically",
  });

/** Changes nothing. A start enables the events, so their absence counts only while processes run. */
const describeExpiryEvents = async (stores: Pick<Stores, "settings" | "cells">): Promise<string> => {
  if (!stores.settings || (await stores.settings.sendsExpiries())) return "expiry events enabled";
  if (!(await processesRun(stores))) return "expiry events will be enabled at start";
  throw new CarillonError("SERVER_INCOMPATIBLE", "Redis sends no expiry events, so timers fire up to timers.graceMs late", {
    fix: "set notify-keyspace-events to Ex on each Redis server; running processes then receive the events immediately",
  });
};

const describeLog = async (config: Config, stores: Pick<Stores, "log" | "cells">, assembling: Promise<DeliveryParts>): Promise<string> => {
  const { graphs, topics } = await assembling;
  const existing = await stores.log.existing(topics.map(({ topic }) => topic));
  const missing = topics.filter(({ topic }) => !existing.has(topic)).map(({ topic }) => topic);
  if (missing.length > 0 && (await processesRun(stores))) throw topicsGone(missing);
  const queued = (await measureExisting(graphs, config, stores.log)).reduce((sum, { lag }) => sum + lag, 0);
  const topicsText =
    missing.length === 0
      ? counted(topics.length, "topic")
      : `${existing.size} of ${topics.length} topics exist; the others will be created at start`;
  return `${topicsText}, ${counted(queued, "record")} queued`;
};

const describeConsumers = async ({ cells }: Pick<Stores, "cells">): Promise<string> => {
  const living = await readConsumers(cells);
  const dead = [...living].filter(([, count]) => count === 0).map(([queue]) => queue);
  if (dead.length > 0) throw new Error(`no live consumer for ${dead.join(", ")}`);
  const count = [...living.values()].reduce((sum, one) => sum + one, 0);
  return count === 0 ? "no process is consuming" : `${counted(count, "live consumer")} of ${counted(living.size, "queue")}`;
};

/** Messages of a tenant whose secrets cannot be opened wait until they expire. */
const describeTenants = async ({ tenants, keys }: Pick<Stores, "tenants" | "keys">): Promise<string> => {
  const secrets = createTenantSecrets(keys);
  const unreadable = await tenantsWithUnreadable(tenants, secrets);
  if (unreadable.length > 0)
    throw new CarillonError(
      "DECRYPTION_FAILED",
      `the secrets of these tenants cannot be decrypted: ${unreadable.slice(0, 10).join(", ")}`,
      {
        fix: "configure the former keys again under encryption.keys, or set the providers and webhooks of these tenants again",
      },
    );
  const { current, older } = await countSecrets(tenants, secrets);
  return older > 0 ? `${counted(older, "secret")} under older keys: run carillon keys rewrap` : `${counted(current, "secret")} readable`;
};

/** Checks the stores, and the consumers, timers and queues in them. */
export const lookAtStores = (config: Config, stores: Stores, assembling: Promise<DeliveryParts>): Promise<Diagnosis>[] => {
  const cluster = config.profile === "cluster";
  const { kafka, redis, mongo, registry } = config;
  return [
    look(
      cluster ? "Kafka" : "log",
      () => describeLog(config, stores, assembling),
      cluster
        ? `check that a broker listens on ${kafka.brokers.join(", ")}, or set CARILLON_KAFKA_BROKERS`
        : "check that the data folder is writable",
    ),
    look(
      cluster ? "Redis" : "claims",
      async () => {
        await stores.claims.decided("doctor");
        return (await stores.settings?.storage()) ?? "reachable";
      },
      cluster
        ? `check that Redis 7 listens at ${redisAddress(redis)}, or set CARILLON_REDIS_URL, …_SENTINELS or …_CLUSTER`
        : "check that the data folder is writable",
    ),
    look("consumers", () => describeConsumers(stores), "see GET /readyz and the log of each process for the reason"),
    look(
      "timers",
      async () => {
        const events = await describeExpiryEvents(stores);
        return `${await stores.timers.pending()} pending; ${events}`;
      },
      "set notify-keyspace-events to Ex on Redis",
    ),
    look(
      "queues",
      async () => findUnconsumed(queuesOf((await assembling).graphs), stores.cells),
      "start the processes of the roles that are missing (docs/operating/scaling.md)",
    ),
    look(
      cluster ? "MongoDB" : "lineage",
      async () => {
        await stores.lineage.find("doctor");
        return "reachable";
      },
      cluster
        ? `check that MongoDB listens at ${(mongo.url ?? "").replace(/\/\/[^@]*@/, "//***@")}, or set CARILLON_MONGO_URL`
        : "check that the data folder is writable",
    ),
    look("tenants", () => describeTenants(stores), "see the log of the processes"),
    look(
      "schema registry",
      async () => {
        await expectError(stores.registry.schema(2_000_000_000), "UNKNOWN_SCHEMA");
        return "reachable";
      },
      cluster ? `check that a registry listens at ${registry.url}, or set CARILLON_REGISTRY_URL` : "check that the data folder is writable",
    ),
  ];
};
