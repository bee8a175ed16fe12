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
 * What `auto` stands for. Each thread takes half as much memory and CPU time to start as a process with one thread, and idle time of its own
 * (docs/operating.md#threads), so a process has one until a benchmark shows what more of them are worth.
 */
const autoThreads = 1;

/** Functions stay in the thread that was given them; a module can make the same ones for each thread. */
const isBound = ({ graphs, subsystems, providers, outbox, poster, origin, clock, threadModule }: PlannedOptions): boolean => {
  if (outbox || origin || clock) return true;
  const made = [providers, poster, ...(graphs ?? []), ...(subsystems ?? [])].some((option) => option !== undefined);
  return made && threadModule === undefined;
};

/** The threads of a process besides its main one, with their queues; none where everything runs in the main thread. */
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
