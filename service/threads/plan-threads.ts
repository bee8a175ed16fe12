import { queuesOf } from "../../engine/graphs.js";
import { deliveryQueuesOf } from "../../topology/delivery-queues.js";
import { matchesQueue } from "../../topology/queues.js";
import { assignThreads, type ThreadShare } from "../../topology/thread-assignment.js";
import type { StartOptions } from "../start-options.js";

type PlannedOptions = Pick<
  StartOptions,
  "config" | "graphs" | "subsystems" | "providers" | "outbox" | "poster" | "origin" | "clock" | "threadModule"
>;

/**
 * The value for `auto`. Each thread needs half as much memory and CPU time to start as a single-threaded process, and idle CPU time
 * (docs/operating/scaling.md#threads). So the value is one until a benchmark shows the benefit of more.
 */
const autoThreads = 1;

/** Functions cannot be sent to other threads, but a module can create the same ones in each thread. */
const isBound = ({ graphs, subsystems, providers, outbox, poster, origin, clock, threadModule }: PlannedOptions): boolean => {
  if (outbox || origin || clock) return true;
  const made = [providers, poster, ...(graphs ?? []), ...(subsystems ?? [])].some((option) => option !== undefined);
  return made && threadModule === undefined;
};

/** The process's threads in addition to the main one, with their queues; none if everything runs in the main thread. */
export const planThreads = (options: PlannedOptions): readonly ThreadShare[] => {
  const { config, graphs = [], subsystems = [] } = options;
  const { threads, only } = config.runtime;
  const most = isBound(options) ? 1 : threads === "auto" ? autoThreads : threads;
  const all = [...deliveryQueuesOf(config), ...queuesOf(graphs), ...subsystems.flatMap((subsystem) => subsystem.queuesOf(config))];
  const shares = assignThreads(
    all.filter(({ name }) => matchesQueue(only, name)),
    most,
  );
  return shares.length > 1 ? shares : [];
};
