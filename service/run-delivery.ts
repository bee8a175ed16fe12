import type { Config } from "../config/schema.js";
import { diagnostics } from "../engine/diagnostics.js";
import type { Queue } from "../engine/queue.js";
import type { RunningGraphs, RuntimeOptions } from "../engine/runtime/run-graphs.js";
import { contentOfLetter } from "../operations/dead-letters/delivery-letters.js";
import type { CarillonError } from "../schemas/errors.js";
import { startExpireListener } from "../sources/expire-listener.js";
import { startReceiptSources } from "../sources/receipt-sources.js";
import type { Clock } from "../stores/clock.js";
import type { LogRecord } from "../stores/event-log/event-log.js";
import type { ScheduledJob } from "../stores/jobs/jobs.js";
import { retriedJob } from "../stores/jobs/retried-job.js";
import type { Stores } from "../stores/stores.js";
import type { Timer } from "../stores/timers/timers.js";
import { namesOf } from "../topology/names.js";
import { matchesQueue } from "../topology/queues.js";
import type { Assembly } from "./assemble.js";
import { jobsOf } from "./jobs-of.js";

import { deadLettersOfStages, runQueues } from "./run-queues.js";

export interface RunningDelivery {
  /** The queues that this process currently consumes. */
  consumed: RunningGraphs["consumed"];
  /** Fires no more timers, drains and commits records in flight, closes the providers. */
  stop(): Promise<void>;
}

let refusedTimers = 0;

/** Represents a timer's record as a log record with a unique position, for its dead letter. */
const recordOfTimer = ({ topic, key, value }: Timer["record"], nowMs: number): LogRecord => {
  refusedTimers += 1;
  const offset = nowMs * 1_000 + (refusedTimers % 1_000);
  return { topic, partition: -1, offset, key: Buffer.from(key), value, headers: {}, timestampMs: nowMs };
};

/** Runs the delivery topology, its timers and its jobs on open stores. Rejects before anything runs if there is a problem. */
export const runDelivery = async (
  config: Config,
  assembly: Assembly,
  stores: Stores,
  clock: Clock,
  limit?: RuntimeOptions["limit"],
  jobs: readonly ScheduledJob[] = jobsOf(config, stores, assembly, clock),
  /** Runs the graphs in other threads instead of this one. */
  elsewhere?: () => Promise<RunningGraphs>,
): Promise<RunningDelivery> => {
  const { topicOf } = namesOf(config);
  const { writers, topics, origin } = assembly;
  await Promise.all([stores.log.ensureTopics(topics), stores.lineage.prepare()]);
  const deadLetter = deadLettersOfStages(config, assembly, stores, clock, config.instance);
  const runs = ({ name }: Queue): boolean => matchesQueue(config.runtime.queues, name);
  const running = await (elsewhere?.() ??
    runQueues(config, assembly, stores, clock, { instance: config.instance, runs, limit, deadLetter }));
  const ends: (() => Promise<unknown>)[] = [() => assembly.closeProviders(), () => assembly.detachedCalls.ended(), () => running.stop()];
  const stop = async (): Promise<void> => {
    for (const end of ends.splice(0).reverse()) await end();
  };
  try {
    if (config.runtime.timers) {
      const writer = writers("expire_listener");
      const onRefused = async (record: Timer["record"], error: CarillonError): Promise<void> => {
        const value = await contentOfLetter(record, assembly, topicOf);
        const { outputs } = await deadLetter(recordOfTimer(record, clock.now()), "expire_listener", error, value);
        await writer.append(outputs);
      };
      const { timers } = stores;
      const listener = await startExpireListener(config.timers, { timers, writer, clock, origin, onRefused });
      ends.push(listener.stop);
    }
    ends.push(await startReceiptSources(config, assembly));
    const onFailed = (name: string, error: unknown): void => diagnostics.trouble.publish(origin, { where: `job ${name}`, error });
    if (config.jobs.enabled) await stores.jobs.start(jobs.map((job) => retriedJob(job, clock, onFailed)));
    return { consumed: running.consumed, stop };
  } catch (error) {
    await stop();
    throw error;
  }
};
