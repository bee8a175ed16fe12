import type { Config } from "../config/schema.js";
import { maskOf } from "../config/secrets.js";
import type { HandlerDependencies } from "../engine/runtime/record-handler.js";
import { type RunningGraphs, type RuntimeOptions, runGraphs } from "../engine/runtime/run-graphs.js";
import { createDeadLetterEffects } from "../operations/dead-letters/dead-letter-effects.js";
import type { Clock } from "../stores/clock.js";
import type { Stores } from "../stores/stores.js";
import { ingressTenantsOf } from "../topology/ingress-tenants.js";
import { namesOf } from "../topology/names.js";
import type { Assembly } from "./assemble.js";

/** The effects of a record that a stage gives up. `instance`: the process or thread that gives it up. */
export const deadLettersOfStages = (
  config: Config,
  { families, writers, origin }: Assembly,
  { claims }: Stores,
  clock: Clock,
  instance: string,
): HandlerDependencies["deadLetter"] =>
  createDeadLetterEffects({
    families,
    writers,
    clock,
    instance,
    claims,
    keepMs: config.delivery.stateRetentionMs,
    tenantOf: ingressTenantsOf(config),
    mask: maskOf(config),
    origin,
  });

export interface QueuesOptions extends Pick<RuntimeOptions, "runs" | "limit"> {
  /** Name of the process or thread in lineage and claims. */
  readonly instance: string;
  readonly deadLetter: HandlerDependencies["deadLetter"];
}

/** Runs an assembly's graphs, limited to the queues that `runs` selects. */
export const runQueues = (
  config: Config,
  { codecs, graphs, origin }: Assembly,
  stores: Stores,
  clock: Clock,
  { instance, runs, limit, deadLetter }: QueuesOptions,
): Promise<RunningGraphs> => {
  const { topicOf, groupOf } = namesOf(config);
  const { drainMs, commitEveryMs, stageTimeoutMs, requeueTimeoutMs } = config.runtime;
  return runGraphs(
    graphs,
    { groupOf, runs, limit, drainMs, commitEveryMs },
    { log: stores.log, timers: stores.timers, codecs, clock, instance, topicOf, stageTimeoutMs, requeueTimeoutMs, deadLetter, origin },
  );
};
