import { access, constants } from "node:fs/promises";
import type { Config } from "../../config/schema.js";
import { maskOf } from "../../config/secrets.js";
import { queuesOf } from "../../engine/graphs.js";
import { CarillonError, messageOf } from "../../schemas/errors.js";
import { allProviders } from "../../sinks/providers/providers.js";
import { systemClock } from "../../stores/clock.js";
import { makePrivateFolder } from "../../stores/private-files.js";
import { redisAddress } from "../../stores/redis/connection.js";
import type { Stores } from "../../stores/stores.js";
import type { DeliveryParts } from "../delivery-parts.js";
import { measureExisting } from "../lag/lag.js";
import { readConsumers } from "../load/consumer-watch.js";
import { findUnconsumed } from "../load/unconsumed-queues.js";
import { readLoads } from "../load/worker-load.js";
import { lookAtFolder } from "./diagnose-folder.js";
import { lookAtTopics } from "./diagnose-topics.js";
import type { Diagnosis } from "./diagnosis.js";

const deadlineMs = 20_000;
const closeWithinMs = 5_000;

const look = async (what: string, question: () => Promise<string>, fix: string): Promise<Diagnosis> => {
  let expiry: NodeJS.Timeout | undefined;
  const silence = new Promise<never>((_, reject) => {
    expiry = setTimeout(() => reject(new Error(`no response within ${deadlineMs / 1_000} s`)), deadlineMs);
  });
  try {
    return { what, ok: true, found: await Promise.race([question(), silence]) };
  } catch (error) {
    return { what, ok: false, found: messageOf(error), fix: error instanceof CarillonError && error.fix ? error.fix : fix };
  } finally {
    clearTimeout(expiry);
  }
};

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
  throw new CarillonError("SERVER_UNFIT", "Redis sends no expiry events, so timers fire up to timers.graceMs late", {
    fix: "set notify-keyspace-events to Ex on each Redis server; running processes then receive the events immediately",
  });
};

const lookAtStores = (config: Config, stores: Stores, assembling: Promise<DeliveryParts>): Promise<Diagnosis>[] => {
  const cluster = config.profile === "cluster";
  const { kafka, redis, mongo, registry } = config;
  return [
    look(
      cluster ? "Kafka" : "log",
      async () => {
        const { graphs, topics } = await assembling;
        const existing = await stores.log.existing(topics.map(({ topic }) => topic));
        const missing = topics.filter(({ topic }) => !existing.has(topic)).map(({ topic }) => topic);
        if (missing.length > 0 && (await processesRun(stores))) throw topicsGone(missing);
        const queued = (await measureExisting(graphs, config, stores.log)).reduce((sum, { lag }) => sum + lag, 0);
        const topicsText =
          missing.length === 0
            ? `${topics.length} topics`
            : `${existing.size} of ${topics.length} topics exist; the others will be created at start`;
        return `${topicsText}, ${queued} records queued`;
      },
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
    look(
      "consumers",
      async () => {
        const living = await readConsumers(stores.cells);
        const dead = [...living].filter(([, count]) => count === 0).map(([queue]) => queue);
        if (dead.length > 0) throw new Error(`no live consumer for ${dead.join(", ")}`);
        const count = [...living.values()].reduce((sum, one) => sum + one, 0);
        return count === 0 ? "no process is consuming" : `${count} live consumers of ${living.size} queues`;
      },
      "see GET /readyz and the log of each process for the reason",
    ),
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

const lookAtUrl = (url: string): Promise<Diagnosis> =>
  look(
    "ready",
    async () => {
      const response = await fetch(new URL("/readyz", url), { signal: AbortSignal.timeout(10_000) });
      if (!response.ok) throw new Error(`${url} returned ${response.status}: ${(await response.text()).slice(0, 200)}`);
      return `${url} is ready`;
    },
    `check that Carillon listens at ${url}`,
  );

/** Opens the stores and assembles delivery on them. */
export interface Opening {
  open(config: Config): Promise<Stores>;
  assemble(config: Config, stores: Stores): Promise<DeliveryParts>;
}

/** Checks everything that the configuration names, concurrently, and the Carillon at `url`, if given. The results contain no secret. */
export const diagnose = async (config: Config, opening: Opening, url?: string): Promise<readonly Diagnosis[]> => {
  const mask = maskOf(config);
  const diagnoses = await lookAtAll(config, opening, url);
  return diagnoses.map(({ found, fix, ...rest }) => ({ ...rest, found: mask(found), fix: fix === undefined ? undefined : mask(fix) }));
};

const lookAtAll = async (config: Config, { open, assemble }: Opening, url?: string): Promise<readonly Diagnosis[]> => {
  const own = [
    look("Node", async () => process.versions.node, "install Node 20.19 or later"),
    look(
      "data folder",
      async () => {
        makePrivateFolder(config.dataDir);
        await access(config.dataDir, constants.W_OK);
        return config.dataDir;
      },
      "set CARILLON_DATA_DIR to a writable folder",
    ),
    ...(url === undefined ? [] : [lookAtUrl(url)]),
    ...(config.profile === "embedded" ? lookAtFolder(config) : []),
  ];
  // a damaged store must not be opened
  const first = await Promise.all(own);
  if (first.some(({ ok }) => !ok)) return first;
  const stores = await open(config);
  // a diagnosis changes nothing: only a start registers schemas
  const registry = { ...stores.registry, register: async (): Promise<number> => 1 };
  const assembling = assemble(config, { ...stores, registry });
  assembling.catch(() => undefined); // reported by its consumer
  try {
    const [servers, topics] = await Promise.all([
      Promise.all(lookAtStores(config, stores, assembling)),
      lookAtTopics(config, stores.log, assembling),
    ]);
    const diagnoses = [...first, ...servers, ...topics];
    // a wrong topic setting does not prevent the check of providers
    if (servers.some(({ ok }) => !ok)) return diagnoses;
    const providers = allProviders((await assembling).providers);
    const ways = await Promise.all(
      providers.map((provider) =>
        look(`${provider.channel} by ${provider.name}`, () => provider.check(), `see providers.${provider.name} in the configuration`),
      ),
    );
    await Promise.all(providers.map((provider) => provider.close()));
    return [...diagnoses, ...ways];
  } finally {
    const closed = new AbortController();
    const closing = stores.close().finally(() => closed.abort());
    await Promise.race([closing, systemClock.sleep(closeWithinMs, closed.signal)]);
  }
};
