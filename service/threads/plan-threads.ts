import { availableParallelism } from "node:os";
import type { Config } from "../../config/schema.js";
import { queuesOf } from "../../engine/graphs.js";
import type { Queue } from "../../engine/queue.js";
import { channels } from "../../schemas/vocabulary.js";
import { definitionOf } from "../../sinks/providers/registry.js";
import { providersOf } from "../../sinks/routing/routing-policy.js";
import { deliveryQueuesOf } from "../../topology/delivery-queues.js";
import { matchesQueue } from "../../topology/queues.js";
import { assignThreads, type ThreadShare } from "../../topology/thread-assignment.js";
import type { StartOptions } from "../start-options.js";

type PlannedOptions = Pick<
  StartOptions,
  "config" | "graphs" | "subsystems" | "providers" | "outbox" | "poster" | "origin" | "clock" | "threadModule"
>;

const keepsSessions = ({ providers, channels: byChannel }: Config): boolean =>
  channels
    .flatMap((channel) => providersOf(byChannel[channel]))
    .some((name) => definitionOf(providers[name]?.type ?? "")?.keepsSession === true);

/**
 * What `auto` stands for: a thread for urgent queues and one for the others, where a process has both. The embedded profile stays in one
 * thread: a second one doubled what it takes while idle, and brought no throughput (docs/operating.md#threads). A process with a provider
 * that keeps a session stays in one, too, since each thread would have a session of its own.
 */
const autoThreads = (config: Config, queues: readonly Queue[], cores: number): number => {
  const isMixed = queues.some(({ urgent }) => urgent) && queues.some(({ urgent }) => !urgent);
  return config.profile === "cluster" && cores > 1 && isMixed && !keepsSessions(config) ? 2 : 1;
};

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
  const all = [...deliveryQueuesOf(config), ...queuesOf(graphs), ...subsystems.flatMap((subsystem) => subsystem.queuesOf(config))];
  const queues = all.filter(({ name }) => matchesQueue(only, name));
  const wanted = threads === "auto" ? autoThreads(config, queues, cores) : threads;
  const shares = assignThreads(queues, isBound(options) ? 1 : wanted);
  return shares.length > 1 ? shares : [];
};
