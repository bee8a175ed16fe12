import type { z } from "zod";
import type { Config } from "../config/schema.js";
import type { Topology } from "../engine/builder.js";
import type { Origin } from "../engine/diagnostics.js";
import type { Queue } from "../engine/queue.js";
import type { AddRoutes } from "../http/server.js";
import type { LagWatch } from "../operations/lag/lag-watch.js";
import type { ConsumerWatch } from "../operations/load/consumer-watch.js";
import type { Logger } from "../operations/telemetry/logger.js";
import type { MetricsRegistry, ProcessMetrics } from "../operations/telemetry/process-metrics.js";
import type { Clock } from "../stores/clock.js";
import type { EventLog } from "../stores/event-log/event-log.js";
import type { ScheduledJob } from "../stores/jobs/jobs.js";
import type { Stores } from "../stores/stores.js";
import type { Duties } from "../topology/roles.js";

/** The parts of a process that exist before any subsystem is built. */
export interface Foundation {
  readonly config: Config;
  readonly stores: Stores;
  readonly clock: Clock;
  readonly origin: Origin;
  readonly logger: Logger;
  readonly metrics: ProcessMetrics;
}

/** The parts of a process that exist once all graphs run. */
export interface RunningProcess {
  readonly lags: LagWatch;
  readonly consumers: ConsumerWatch;
  /** Makes less urgent work yield, because a client waits for an answer. */
  urge(): void;
  /** The metrics of all threads, in Prometheus's text format. */
  scrape(): Promise<string>;
  /** A random id of this run of the process. */
  readonly run: string;
}

/** A built subsystem. It starts when the process runs all graphs, starts all jobs, and serves all routes. */
export interface SubsystemParts {
  readonly graphs: readonly Topology[];
  readonly jobs: readonly ScheduledJob[];
  routesOf(process: RunningProcess): AddRoutes;
  /** Undoes the build, once the subsystem's graphs have stopped. */
  stop(): Promise<void>;
}

/** Everything that a subsystem adds to a process, in one value. `service/carillon.ts` folds a list of them. */
export interface Subsystem<Parts extends SubsystemParts = SubsystemParts> {
  readonly name: string;
  /** Its top-level configuration keys. */
  readonly configKeys: Readonly<Record<string, z.ZodType>>;
  /** Conflicts between keys that are valid by themselves: `<key>: <problem>: <what to do>`. */
  problemsOf(config: Config): readonly string[];
  /** Every queue that its graphs can have. */
  queuesOf(config: Config): readonly Queue[];
  /** The kinds of processes that its queues refer to. */
  readonly roles: Duties;
  /** `alongside`: graphs of the subsystems that are built already. */
  build(foundation: Foundation, alongside: readonly Topology[]): Promise<Parts>;
}

/** The parts of a subsystem that loading the configuration needs. */
export type ConfigPart = Pick<Subsystem, "configKeys" | "problemsOf" | "queuesOf">;

/** The foundation for a subsystem's parts: its log accepts records only from writers that a graph declares (`engine/outlet.ts`). */
export interface SubsystemFoundation extends Omit<Foundation, "stores"> {
  readonly stores: Omit<Stores, "log"> & { readonly log: Omit<EventLog, "append"> };
}

/** A subsystem's definition. Omitted fields mean that it has no such part. */
export interface SubsystemDefinition<Settings, Metrics> {
  readonly name: string;
  /** Its configuration, under its name. */
  readonly settings: z.ZodType<Settings>;
  readonly problemsOf?: (settings: Settings, config: Config) => readonly string[];
  readonly roles?: Duties;
  readonly metricsIn: (registry: MetricsRegistry) => Metrics;
  readonly graphOf: (settings: Settings, metrics: Metrics, foundation: SubsystemFoundation) => Topology;
  readonly jobsOf?: (settings: Settings, metrics: Metrics, foundation: SubsystemFoundation) => readonly ScheduledJob[];
  readonly routesOf?: (settings: Settings, foundation: SubsystemFoundation) => AddRoutes;
  /** Every queue that its graph can have. */
  readonly queuesOf: (settings: Settings) => readonly Queue[];
  readonly stop?: () => Promise<void>;
}

/** A subsystem whose configuration is under its name. */
export const defineSubsystem = <Settings, Metrics>(definition: SubsystemDefinition<Settings, Metrics>): Subsystem => {
  const { name, settings } = definition;
  // the configuration was checked against this schema when it was loaded
  const settingsOf = (config: Config): Settings => (config as Config & Readonly<Record<string, unknown>>)[name] as Settings;
  return {
    name,
    configKeys: { [name]: settings },
    problemsOf: (config) => definition.problemsOf?.(settingsOf(config), config) ?? [],
    queuesOf: (config) => definition.queuesOf(settingsOf(config)),
    roles: definition.roles ?? {},
    build: async (foundation) => {
      const own = settingsOf(foundation.config);
      const metrics = definition.metricsIn(foundation.metrics.registry);
      return {
        graphs: [definition.graphOf(own, metrics, foundation)],
        jobs: definition.jobsOf?.(own, metrics, foundation) ?? [],
        routesOf: () => definition.routesOf?.(own, foundation) ?? (() => undefined),
        stop: definition.stop ?? (async () => undefined),
      };
    },
  };
};
