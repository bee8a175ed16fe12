import type { Config } from "../config/schema.js";
import { CarillonError, messageOf } from "../schemas/errors.js";
import { type ExpireListener, startExpireListener } from "../sources/expire-listener.js";
import { type HttpServer, startHttp } from "../sources/http/server.js";
import { type Clock, systemClock } from "../stores/clock.js";
import { lockFolder } from "../stores/lmdb-environment.js";
import { type RunningTopology, type RuntimeOptions, runTopology } from "../topology/runtime/run-topology.js";
import { type AssembleOptions, type Assembly, assemble } from "./assemble.js";
import { createDeadLetterEffects } from "./dead-letter-effects.js";
import { jobsOf } from "./jobs-of.js";
import { watchLag } from "./lag-watch.js";
import type { Logger } from "./logger.js";
import { createMetrics, type Metrics } from "./metrics.js";
import { namesOf } from "./names.js";
import { openStores } from "./open-stores.js";
import type { Stores } from "./stores.js";

export interface StartOptions extends AssembleOptions {
  readonly config: Config;
  readonly logger: Logger;
  readonly clock?: Clock;
}

/** A running Carillon. */
export interface Carillon {
  /** Where it listens; undefined when it does not. */
  readonly url: string | undefined;
  readonly stores: Stores;
  readonly assembly: Assembly;
  readonly metrics: Metrics;
  /** Takes nothing more, drains, commits, closes. Idempotent. */
  stop(): Promise<void>;
}

const matches = (patterns: readonly string[], name: string): boolean =>
  patterns.length === 0 ||
  patterns.some((pattern) =>
    new RegExp(
      `^${pattern
        .split("*")
        .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"))
        .join(".*")}$`,
    ).test(name),
  );

const runtimeOptions = (config: Config): RuntimeOptions => {
  const laneOf = (member: string): keyof Config["lanes"] | undefined => {
    const last = member.split(".").at(-1);
    return last && last in config.lanes ? (last as keyof Config["lanes"]) : undefined;
  };
  return {
    memberOptions: (sub, member) => {
      const lane = laneOf(member);
      const queue = lane ? config.lanes[lane] : config.receipts;
      const maxBatchRecords = sub === "record" ? config.lineage.maxBatchRecords : config.runtime.maxBatchRecords;
      return { guarantee: queue.guarantee, concurrency: queue.concurrency, maxBatchRecords };
    },
    groupOf: namesOf(config).groupOf,
    runs: (sub, member) => matches(config.runtime.only, `${sub}/${member}`),
    drainMs: config.runtime.drainMs,
    commitEveryMs: config.runtime.commitEveryMs,
  };
};

const start = async (options: StartOptions, stores: Stores, metrics: Metrics, onTrouble: (where: string, error: unknown) => void) => {
  const { config, clock = systemClock } = options;
  const { topicOf } = namesOf(config);
  const assembly = await assemble(config, stores, clock, options);
  await Promise.all([stores.log.ensureTopics(assembly.topics), stores.lineage.prepare()]);
  const { families, codecs, topology } = assembly;
  const { instance } = config;
  const onDeadLetter = (stage: string, code: string): void => metrics.deadLetters.inc({ stage, code });
  const running: RunningTopology = await runTopology(topology, runtimeOptions(config), {
    log: stores.log,
    timers: stores.timers,
    codecs,
    clock,
    instance,
    topicOf,
    stageTimeoutMs: config.runtime.stageTimeoutMs,
    deadLetter: createDeadLetterEffects({ families, codecs, clock, instance, topicOf, onDeadLetter }),
    onStage: (stage, durationMs, ok) => {
      if (ok) metrics.stageSeconds.observe({ stage }, durationMs / 1_000);
      else metrics.stageErrors.inc({ stage });
    },
    onError: (sub, member, error) => onTrouble(`${sub}/${member}`, error),
  });
  let expireListener: ExpireListener | undefined;
  if (config.runtime.expireListener) {
    expireListener = await startExpireListener(config.timers, {
      timers: stores.timers,
      log: stores.log,
      clock,
      onError: (error) => onTrouble("expire-listener", error),
      onFired: (latenessMs, by) => metrics.timerLateness.observe({ by }, latenessMs / 1_000),
    });
  }
  if (config.jobs.enabled) await stores.jobs.start(jobsOf(config, stores, assembly, clock));
  const stopLagWatch = watchLag(assembly, config, stores.log, metrics);
  return { assembly, running, expireListener, stopLagWatch };
};

/** Starts what the configuration says, in one process. Rejects before anything runs when something is wrong. */
export const startCarillon = async (options: StartOptions): Promise<Carillon> => {
  const { config, logger, clock = systemClock } = options;
  const metrics = createMetrics();
  const onTrouble = (where: string, error: unknown): void => {
    metrics.troubles.inc({ where });
    const retried = error instanceof CarillonError && error.retryable;
    logger.warn(
      { where, err: messageOf(error), ...(retried ? {} : { stack: error instanceof Error ? error.stack : undefined }) },
      "trouble: it will be tried again",
    );
  };
  const unlock = config.profile === "embedded" ? lockFolder(config.dataDir) : () => undefined;
  const undo: (() => Promise<void> | void)[] = [unlock];
  const undoAll = async (): Promise<void> => {
    for (const step of undo.reverse()) await step();
    undo.length = 0;
  };
  try {
    const stores = await openStores(config, clock, onTrouble);
    undo.push(() => stores.close());
    const { assembly, running, expireListener, stopLagWatch } = await start(options, stores, metrics, onTrouble);
    undo.push(() => Promise.all(Object.values(assembly.providers).map((provider) => provider.close())).then(() => undefined));
    undo.push(() => running.stop());
    undo.push(async () => expireListener?.stop());
    undo.push(stopLagWatch);
    let http: HttpServer | undefined;
    if (config.http.enabled) {
      http = await startHttp({ config, stores, assembly, metrics, clock, logger });
      undo.push(http.stop);
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
