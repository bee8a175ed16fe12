import type { MessagePort } from "node:worker_threads";
import { createTenantReader } from "../../access/tenant-reader.js";
import { keepSecrets } from "../../config/secrets.js";
import { diagnostics } from "../../engine/diagnostics.js";
import { createCourtesy } from "../../operations/load/courtesy.js";
import { countProviders, countRecords } from "../../operations/telemetry/count-events.js";
import { createDeliveryMetrics } from "../../operations/telemetry/delivery-metrics.js";
import { createLogger } from "../../operations/telemetry/logger.js";
import { createThreadMetrics } from "../../operations/telemetry/process-metrics.js";
import { logUnknownStates } from "../../operations/telemetry/unknown-states.js";
import { systemClock } from "../../stores/clock.js";
import { createThreadSignals } from "../../stores/thread-signals.js";
import { assemble } from "../assemble.js";
import { buildSubsystems, graphsOf } from "../build-subsystems.js";
import { startConfiguredTracing } from "../configured-tracing.js";
import { openStores } from "../open-stores.js";
import { deadLettersOfStages, runQueues } from "../run-queues.js";
import type { Foundation } from "../subsystem.js";
import { type Undo, undoAll } from "../undo.js";
import { loadThreadOptions } from "./load-thread-module.js";
import { plainErrorOf } from "./plain-error.js";
import { createRemoteBuckets, createRemoteOutbox } from "./remote-parts.js";
import { createThreadCalls, type ThreadCalls } from "./thread-calls.js";
import { type HandledRecords, instanceOfThread, type ThreadData, type ThreadReport } from "./thread-data.js";
import { lowerThreadPriority } from "./thread-priority.js";

const reportEveryMs = 2_000;
/** Of threads that yield: they get a tenth of a core that the urgent thread also wants. Source: sched(7). */
const niceness = 10;

interface RunningThread {
  metrics(): Promise<unknown>;
  stop(): Promise<void>;
}

/** Runs a thread's queues on its own stores. */
const start = async (data: ThreadData, memory: SharedArrayBuffer | undefined, main: ThreadCalls): Promise<RunningThread> => {
  const { config, share, number, channel } = data;
  if (share.yields) lowerThreadPriority(niceness);
  const instance = instanceOfThread(config.instance, share);
  const clock = systemClock;
  const mask = keepSecrets(config, data.secrets);
  const origin = { instance };
  const metrics = createThreadMetrics(share.name);
  const signals = createThreadSignals(channel);
  const logger = createLogger(data.logLevel, instance, mask);
  const ends: Undo[] = [signals.close, countRecords(origin, metrics)];
  const stop = (): Promise<void> => undoAll(ends);
  // one log and one counter for all threads: an unavailable server counts as one trouble
  ends.push(diagnostics.trouble.subscribe(origin, ({ where, error }) => main.tell("trouble", where, plainErrorOf(error))));
  const onTrouble = (where: string, error: unknown): void => diagnostics.trouble.publish(origin, { where, error });
  try {
    const options = await loadThreadOptions(data.module, config);
    const stores = await openStores(config, clock, onTrouble, { threads: { signals, buckets: createRemoteBuckets(main) } });
    ends.push(() => stores.close());
    const foundation: Foundation = { config, stores, clock, origin, logger, metrics };
    const tenants = createTenantReader({ tenants: stores.tenants, clock, onTrouble: (error) => onTrouble("tenants", error) });
    ends.push(tenants.close);
    const others = await buildSubsystems(options.subsystems ?? [], foundation, ends);
    const delivered = { ...metrics, ...createDeliveryMetrics(metrics.registry) };
    ends.push(countProviders(origin, delivered), logUnknownStates(origin, logger));
    const assembly = await assemble(config, stores, clock, {
      ...options,
      graphs: [...(options.graphs ?? []), ...graphsOf(others)],
      outbox: createRemoteOutbox(main, config.dataDir),
      threads: { number, memory, signals },
      origin,
      tenants,
    });
    const tracing = await startConfiguredTracing(config, origin);
    if (tracing) ends.push(tracing.stop);
    const courtesy = createCourtesy();
    ends.push(courtesy.stop);
    const handled = new Map<string, HandledRecords>();
    const unhandle = diagnostics.handled.subscribe(origin, ({ queue: { name }, records, inFlightMs }) => {
      const before = handled.get(name);
      handled.set(name, { queue: name, records: records + (before?.records ?? 0), inFlightMs: inFlightMs + (before?.inFlightMs ?? 0) });
    });
    ends.push(unhandle);
    const queues = new Set(share.queues);
    const deadLetter = deadLettersOfStages(config, assembly, stores, clock, instance);
    const runs = ({ name }: { readonly name: string }): boolean => queues.has(name);
    const running = await runQueues(config, assembly, stores, clock, { instance, runs, limit: courtesy.limit, deadLetter });
    ends.push(
      () => assembly.closeProviders(),
      () => assembly.detachedCalls.ended(),
      () => running.stop(),
    );
    const report = (): void => {
      const consumed = running.consumed().map(({ queue: { name }, living, trouble }) => ({
        name,
        living,
        trouble: trouble && plainErrorOf(trouble),
      }));
      main.tell("report", { consumed, handled: [...handled.values()] } satisfies ThreadReport);
      handled.clear();
    };
    report();
    const reporting = setInterval(report, reportEveryMs);
    ends.push(() => clearInterval(reporting));
    return { metrics: () => metrics.registry.getMetricsAsJSON(), stop };
  } catch (error) {
    await stop().catch(() => undefined);
    throw error;
  }
};

/** Answers the main thread: starts and ends on its request. */
export const runThread = (data: ThreadData, port: MessagePort): void => {
  let running: RunningThread | undefined;
  const main = createThreadCalls(port, {
    start: async (memory: SharedArrayBuffer | undefined) => {
      running = await start(data, memory, main);
    },
    metrics: () => running?.metrics(),
    stop: async () => {
      await running?.stop();
    },
  });
  // the main thread logs them as its own
  process.removeAllListeners("warning");
  process.on("warning", ({ name, message }) => main.tell("warning", name, message));
};
