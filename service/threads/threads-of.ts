import { randomUUID } from "node:crypto";
import type { Origin } from "../../engine/diagnostics.js";
import { queuesOf } from "../../engine/graphs.js";
import type { RunningGraphs } from "../../engine/runtime/run-graphs.js";
import type { Clock } from "../../stores/clock.js";
import type { Stores } from "../../stores/stores.js";
import type { ThreadSignals } from "../../stores/thread-signals.js";
import type { AssembleOptions, Assembly } from "../assemble.js";
import type { StartOptions } from "../start-options.js";
import { planThreads } from "./plan-threads.js";
import type { Threads } from "./start-threads.js";

/** The threads of a process, for its composition. */
export interface ProcessThreads extends Pick<Threads, "metrics" | "end"> {
  /** Signals to and from the other threads. */
  readonly signals: ThreadSignals;
  /** Options for assembling the main thread's parts. */
  readonly assembling: Pick<AssembleOptions, "threads">;
  /** Runs the assembly's graphs in the threads. */
  run(assembly: Assembly, stores: Stores): Promise<RunningGraphs>;
}

/** The configured threads; undefined if everything runs in the main thread. They start to load their code. */
export const threadsOf = async (options: StartOptions, origin: Origin, clock: Clock): Promise<ProcessThreads | undefined> => {
  const shares = planThreads(options);
  if (shares.length === 0) return undefined;
  const [{ createThreads }, { createThreadSignals }, { answersOfMain }] = await Promise.all([
    import("./start-threads.js"),
    import("../../stores/thread-signals.js"),
    import("./remote-parts.js"),
  ]);
  const { config, logger, threadModule: module } = options;
  const channel = `carillon-${randomUUID()}`;
  const signals = createThreadSignals(channel);
  const threads = createThreads({ config, shares, logLevel: logger.level, channel, module, origin, clock });
  return {
    signals,
    assembling: { threads: { number: 0, signals } },
    metrics: threads.metrics,
    end: threads.end,
    run: ({ graphs, routing, outbox }, { buckets }) => threads.start(queuesOf(graphs), routing.memory, answersOfMain(buckets, outbox)),
  };
};
