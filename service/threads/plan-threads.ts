import { availableParallelism } from "node:os";
import { queuesOf } from "../../engine/graphs.js";
import { deliveryQueuesOf } from "../../topology/delivery-queues.js";
import { matchesQueue } from "../../topology/queues.js";
import { assignThreads, type ThreadShare } from "../../topology/thread-assignment.js";
import type { StartOptions } from "../start-options.js";

type PlannedOptions = Pick<
  StartOptions,
  "config" | "graphs" | "subsystems" | "providers" | "outbox" | "poster" | "origin" | "clock" | "stores" | "threadModule"
>;

/** On a smaller machine, the servers and other processes need the core that a second thread would use. */
const autoCores = 4;

type PlannedQueue = Parameters<typeof assignThreads>[0][number];

/**
 * The value for `auto`: urgent queues get a separate thread if they share the process with other queues and the machine has
 * enough cores. A thread costs memory and idle CPU time (docs/operating/scaling.md#threads), so the embedded profile has one.
 */
const autoThreads = ({ profile }: PlannedOptions["config"], queues: readonly PlannedQueue[], cores: number): number => {
  const isShared = queues.some(({ urgent }) => urgent) && queues.some(({ urgent }) => !urgent);
  return profile === "cluster" && cores >= autoCores && isShared ? 2 : 1;
};

/** Functions cannot be sent to other threads, but a module can create the same ones in each thread. */
const isBound = ({ graphs, subsystems, providers, outbox, poster, origin, clock, stores, threadModule }: PlannedOptions): boolean => {
  if (outbox || origin || clock || stores) return true;
  const made = [providers, poster, ...(graphs ?? []), ...(subsystems ?? [])].some((option) => option !== undefined);
  return made && threadModule === undefined;
};

/** The process's threads in addition to the main one, with their queues; none if everything runs in the main thread. */
export const planThreads = (options: PlannedOptions, cores: number = availableParallelism()): readonly ThreadShare[] => {
  const { config, graphs = [], subsystems = [] } = options;
  const { threads, queues } = config.runtime;
  const all = [...deliveryQueuesOf(config), ...queuesOf(graphs), ...subsystems.flatMap((subsystem) => subsystem.queuesOf(config))];
  const own = all.filter(({ name }) => matchesQueue(queues, name));
  const asked = threads === "auto" ? autoThreads(config, own, cores) : threads;
  const shares = assignThreads(own, isBound(options) ? 1 : asked);
  return shares.length > 1 ? shares : [];
};
