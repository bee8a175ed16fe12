import { randomUUID } from "node:crypto";
import { maskOf } from "../config/secrets.js";
import type { Topology } from "../engine/builder.js";
import { diagnostics } from "../engine/diagnostics.js";
import { queuesOf } from "../engine/graphs.js";
import { type HttpServer, startHttp } from "../http/server.js";
import { watchLag } from "../operations/lag/lag-watch.js";
import { watchConsumers } from "../operations/load/consumer-watch.js";
import { createCourtesy } from "../operations/load/courtesy.js";
import { createLoadReport } from "../operations/load/worker-load.js";
import { watchRoom } from "../operations/room-watch.js";
import { countRecords, countTroubles } from "../operations/telemetry/count-events.js";
import { mergedMetrics } from "../operations/telemetry/merged-metrics.js";
import type { Metrics } from "../operations/telemetry/metrics.js";
import { createProcessMetrics } from "../operations/telemetry/process-metrics.js";
import { logTroubles } from "../operations/telemetry/trouble-log.js";
import { harmfulSettings, harmOf } from "../operations/topic-drifts.js";
import { CarillonError } from "../schemas/errors.js";
import { systemClock } from "../stores/clock.js";
import { lockFolder, noteAddress } from "../stores/folder-lock.js";
import { holdStore } from "../stores/store-lock.js";
import type { Stores } from "../stores/stores.js";
import { matchesQueue } from "../topology/queues.js";
import type { Assembly } from "./assemble.js";
import { checkJobs, checkSubsystems, inSubsystem } from "./check-subsystems.js";
import { openStores } from "./open-stores.js";
import { runDelivery } from "./run-delivery.js";
import type { StartOptions } from "./start-options.js";
import type { Foundation, RunningProcess, SubsystemParts } from "./subsystem.js";
import { delivery } from "./subsystems/delivery.js";
import { threadsOf } from "./threads/threads-of.js";

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

/** Starts everything in the configuration, in one process. Rejects before anything runs if there is a problem. */
export const startCarillon = async (options: StartOptions): Promise<Carillon> => {
  const { config, logger, clock = systemClock } = options;
  const ofProcess = createProcessMetrics();
  const { origin = { instance: config.instance } } = options;
  const onTrouble = (where: string, error: unknown): void => diagnostics.trouble.publish(origin, { where, error });
  const undo: (() => Promise<void> | void)[] = [
    countRecords(origin, ofProcess),
    countTroubles(origin, ofProcess),
    logTroubles(origin, { logger, clock, mask: maskOf(config) }),
  ];
  /** Undoes the start in reverse order. A failure does not keep the rest from ending. */
  const undoAll = async (): Promise<void> => {
    const failures: unknown[] = [];
    for (const step of undo.splice(0).reverse()) {
      try {
        await step();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  };
  try {
    if (config.profile === "embedded") undo.push(await lockFolder(config.dataDir));
    const threads = await threadsOf(options, origin, clock);
    if (threads) undo.push(threads.signals.close, threads.end);
    const stores = await openStores(config, clock, onTrouble, { threads, adapters: options.stores });
    undo.push(() => stores.close());
    if (config.profile === "embedded") undo.push(holdStore(config.dataDir));
    void stores.settings?.storage().catch((error: unknown) => {
      // unavailable servers are reported by the parts that need them
      if (error instanceof CarillonError && error.code === "SERVER_UNFIT") onTrouble("redis", error);
    });
    if (stores.room) undo.push(watchRoom(stores.room, ofProcess, logger));
    const foundation: Foundation = { config, stores, clock, origin, logger, metrics: ofProcess };
    const others: SubsystemParts[] = [];
    const alongside = (): readonly Topology[] => others.flatMap(({ graphs }) => graphs);
    const given = options.subsystems ?? [];
    checkSubsystems(given);
    for (const subsystem of given) {
      const parts = await inSubsystem(subsystem.name, () => subsystem.build(foundation, alongside()));
      undo.push(parts.stop);
      others.push(parts);
    }
    // its dead letters and timers serve all graphs, so it is built last
    const ofDelivery = await delivery({ ...options, ...threads?.assembling }).build(foundation, alongside());
    undo.push(ofDelivery.stop);
    const { assembly, metrics } = ofDelivery;
    const subsystems = [ofDelivery, ...others];
    checkJobs(subsystems);
    // loaded only if needed, because it is large
    const { url } = config.tracing;
    const tracing = url === null ? undefined : (await import("../operations/telemetry/tracing.js")).startTracing(config, url, origin);
    if (tracing) undo.push(tracing.stop);
    const consumed = queuesOf(assembly.graphs).filter(({ name }) => matchesQueue(config.runtime.only, name));
    const load = createLoadReport(stores.cells, config.instance, undefined, consumed);
    undo.push(load.stop, diagnostics.handled.subscribe(origin, load.handled));
    const courtesy = createCourtesy();
    undo.push(courtesy.stop);
    const jobs = subsystems.flatMap((subsystem) => subsystem.jobs);
    const elsewhere = threads && (() => threads.run(assembly, stores));
    const running = await runDelivery(config, assembly, stores, clock, courtesy.limit, jobs, elsewhere);
    undo.push(running.stop);
    // runs concurrently: the start does not wait for it
    void harmOf(stores.log, assembly.topics).then((topics) => {
      if (topics.length > 0) logger.warn({ topics }, harmfulSettings);
    });
    const consumers = watchConsumers(running.consumed, stores.cells, config.instance, metrics, clock);
    undo.push(consumers.stop);
    const lags = watchLag(assembly, config, stores.log, stores.timers, metrics, clock);
    undo.push(lags.stop);
    let http: HttpServer | undefined;
    if (config.http.enabled) {
      const scrape = async (): Promise<string> => mergedMetrics(metrics.registry, (await threads?.metrics()) ?? []);
      const run = randomUUID();
      const process: RunningProcess = { lags, consumers, urge: courtesy.urge, scrape, run };
      const routes = subsystems.map((subsystem) => subsystem.routesOf(process));
      http = await startHttp({ config, stores, metrics, clock, logger }, routes);
      undo.push(http.stop);
      if (config.profile === "embedded") noteAddress(config.dataDir, { url: http.url, run });
    }
    let stopping: Promise<void> | undefined;
    return {
      url: http?.url,
      stores,
      assembly,
      metrics,
      stop: () => {
        stopping ??= undoAll();
        return stopping;
      },
    };
  } catch (error) {
    await undoAll().catch(() => undefined);
    throw error;
  }
};
