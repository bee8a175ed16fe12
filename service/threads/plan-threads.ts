import { availableParallelism } from "node:os";
import { queuesOf } from "../../engine/graphs.js";
import { deliveryQueuesOf } from "../../topology/delivery-queues.js";
import { matchesQueue } from "../../topology/queues.js";
import { assignThreads, type ThreadShare } from "../../topology/thread-assignment.js";
import type { StartOptions } from "../start-options.js";

type PlannedOptions = Pick<
  StartOptions,
  "config" | "graphs" | "subsystems" | "providers" | "outbox" | "poster" | "origin" | "clock" | "threadModule"
>;

/** Threads by the cores that there are. */
export const autoThreads = (_cores: number): number => 1;

/** Functions stay in the thread that was given them; a module can make the same ones for each thread. */
const isBound = ({ graphs, subsystems, providers, outbox, poster, origin, clock, threadModule }: PlannedOptions): boolean => {
  if (outbox || origin || clock) return true;
  const made = [providers, poster, ...(graphs ?? []), ...(subsystems ?? [])].some((option) => option !== undefined);
  return made && threadModule === undefined;
};

/** The threads of a process besides its main one, with their queues; none where everything runs in the main thread. */
export const planThreads = (options: PlannedOptions, cores = availableParallelism()): readonly ThreadShare[] => {
  const { config, graphs = [], subsystems = [] } = options;
  const { threads, only } = config.runtime;
  const most = isBound(options) ? 1 : threads === "auto" ? autoThreads(cores) : threads;
  const all = [...deliveryQueuesOf(config), ...queuesOf(graphs), ...subsystems.flatMap((subsystem) => subsystem.queuesOf(config))];
  const shares = assignThreads(
    all.filter(({ name }) => matchesQueue(only, name)),
    most,
  );
  return shares.length > 1 ? shares : [];
};
