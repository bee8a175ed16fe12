import { randomUUID } from "node:crypto";
import { maskOf } from "../config/secrets.js";
import { diagnostics, type Origin } from "../engine/diagnostics.js";
import { queuesOf } from "../engine/graphs.js";
import { type HttpServer, startHttp } from "../http/server.js";
import { watchLag } from "../operations/lag/lag-watch.js";
import { watchConsumers } from "../operations/load/consumer-watch.js";
import { createCourtesy } from "../operations/load/courtesy.js";
import { createLoadReport } from "../operations/load/worker-load.js";
import { watchRoom } from "../operations/room-watch.js";
import { countRecords, countTroubles } from "../operations/telemetry/count-events.js";
import type { Logger } from "../operations/telemetry/logger.js";
import { mergedMetrics } from "../operations/telemetry/merged-metrics.js";
import type { Metrics } from "../operations/telemetry/metrics.js";
import { createProcessMetrics, type ProcessMetrics } from "../operations/telemetry/process-metrics.js";
import { logTroubles, type TroubleLogDependencies } from "../operations/telemetry/trouble-log.js";
import { harmfulSettings, harmOf } from "../operations/topic-drifts.js";
import { CarillonError } from "../schemas/errors.js";
import { systemClock } from "../stores/clock.js";
import { lockFolder, noteAddress } from "../stores/folder-lock.js";
import { holdStore } from "../stores/store-lock.js";
import type { Stores } from "../stores/stores.js";
import { matchesQueue } from "../topology/queues.js";
import type { Assembly } from "./assemble.js";
import { buildSubsystems, graphsOf } from "./build-subsystems.js";
import { checkJobs, checkSubsystems } from "./check-subsystems.js";
import { startConfiguredTracing } from "./configured-tracing.js";
import { openStores } from "./open-stores.js";
import { runDelivery } from "./run-delivery.js";
import { startAccess } from "./start-access.js";
import type { StartOptions } from "./start-options.js";
import type { Foundation, RunningProcess } from "./subsystem.js";
import { delivery } from "./subsystems/delivery.js";
import { threadsOf } from "./threads/threads-of.js";
import { type Undo, undoAll } from "./undo.js";

/** A running Carillon. */
export interface Carillon {
  /** Its HTTP address; undefined without HTTP. */
  readonly url: string | undefined;
  readonly stores: Stores;
  readonly assembly: Assembly;
  readonly metrics: Metrics;
  /** Accepts nothing more, drains, commits, closes. Idempotent. */
  stop(): Promise<void>;
}

/** Counts and logs the events of the process. Returns the functions that end this. */
const observe = (origin: Origin, metrics: ProcessMetrics, log: TroubleLogDependencies): Undo[] => [
  countRecords(origin, metrics),
  countTroubles(origin, metrics),
  logTroubles(origin, log),
];

/** Reports unfit settings of Redis. Unavailable servers are reported by the parts that need them. */
const reportUnfitStorage = async ({ settings }: Stores, onTrouble: (where: string, error: unknown) => void): Promise<void> => {
  await settings?.storage().catch((error: unknown) => {
    if (error instanceof CarillonError && error.code === "SERVER_INCOMPATIBLE") onTrouble("redis", error);
  });
};

const warnOfHarm = async ({ log }: Stores, { topics }: Assembly, logger: Logger): Promise<void> => {
  const harmed = await harmOf(log, topics);
  if (harmed.length > 0) logger.warn({ topics: harmed }, harmfulSettings);
};

/** Starts everything in the configuration, in one process. Rejects before anything runs if there is a problem. */
export const startCarillon = async (options: StartOptions): Promise<Carillon> => {
  const { config, logger, clock = systemClock, origin = { instance: options.config.instance } } = options;
  const ofProcess = createProcessMetrics();
  const onTrouble = (where: string, error: unknown): void => diagnostics.trouble.publish(origin, { where, error });
  const undo: Undo[] = observe(origin, ofProcess, { logger, clock, mask: maskOf(config) });
  try {
    if (config.profile === "embedded") undo.push(await lockFolder(config.dataDir));
    const threads = await threadsOf(options, origin, clock);
    if (threads) undo.push(threads.signals.close, threads.end);
    const stores = await openStores(config, clock, onTrouble, { threads, adapters: options.stores });
    undo.push(() => stores.close());
    if (config.profile === "embedded") undo.push(holdStore(config.dataDir));
    void reportUnfitStorage(stores, onTrouble);
    if (stores.room) undo.push(watchRoom(stores.room, ofProcess, logger));
    const access = startAccess({ config, stores, clock, metrics: ofProcess, onTrouble });
    undo.push(access.stop);
    const foundation: Foundation = { config, stores, clock, origin, logger, metrics: ofProcess };
    const given = options.subsystems ?? [];
    checkSubsystems(given);
    const others = await buildSubsystems(given, foundation, undo);
    // its dead letters and timers serve all graphs, so it is built last
    const ofDelivery = await delivery({ ...options, ...threads?.assembling, tenants: access.tenants }).build(foundation, graphsOf(others));
    undo.push(ofDelivery.stop);
    const { assembly, metrics } = ofDelivery;
    const subsystems = [ofDelivery, ...others];
    checkJobs(subsystems);
    const tracing = await startConfiguredTracing(config, origin);
    if (tracing) undo.push(tracing.stop);
    const consumed = queuesOf(assembly.graphs).filter(({ name }) => matchesQueue(config.runtime.queues, name));
    const load = createLoadReport(stores.cells, config.instance, undefined, consumed);
    undo.push(load.stop, diagnostics.handled.subscribe(origin, load.handled));
    const courtesy = createCourtesy();
    undo.push(courtesy.stop);
    const jobs = subsystems.flatMap((subsystem) => subsystem.jobs);
    const elsewhere = threads && (() => threads.run(assembly, stores));
    const running = await runDelivery(config, assembly, stores, clock, courtesy.limit, jobs, elsewhere);
    undo.push(running.stop);
    // runs concurrently: the start does not wait for it
    void warnOfHarm(stores, assembly, logger);
    const consumers = watchConsumers(running.consumed, stores.cells, config.instance, metrics, clock);
    undo.push(consumers.stop);
    const lags = watchLag(assembly, config, stores.log, stores.timers, metrics, clock);
    undo.push(lags.stop);
    let http: HttpServer | undefined;
    if (config.http.enabled) {
      const scrape = async (): Promise<string> => mergedMetrics(metrics.registry, (await threads?.metrics()) ?? []);
      const process: RunningProcess = { lags, consumers, urge: courtesy.urge, scrape, run: randomUUID() };
      const routes = subsystems.map((subsystem) => subsystem.routesOf(process));
      http = await startHttp({ config, stores, metrics, clock, logger, access }, routes);
      undo.push(http.stop);
      if (config.profile === "embedded") noteAddress(config.dataDir, { url: http.url, run: process.run });
    }
    let stopping: Promise<void> | undefined;
    return {
      url: http?.url,
      stores,
      assembly,
      metrics,
      stop: () => {
        stopping ??= undoAll(undo);
        return stopping;
      },
    };
  } catch (error) {
    await undoAll(undo).catch(() => undefined);
    throw error;
  }
};
