import type { ConsumedQueue } from "../../engine/runtime/run-graphs.js";
import { CarillonError } from "../../schemas/errors.js";
import type { Cells } from "../../stores/cells/cells.js";
import type { Clock } from "../../stores/clock.js";
import { keys } from "../../stores/keys.js";
import type { Metrics } from "../telemetry/metrics.js";

export interface ConsumerWatch {
  /** Throws UNAVAILABLE if a queue that this process consumes has had no living consumer for longer than a rebalance may take. */
  assertLiving(): void;
  stop(): void;
}

const group = keys.cells.consumers;
const lookEveryMs = 1_000;
const publishEveryMs = 5_000;
const keepMs = 20_000;
/** A consumer that ended for a transient reason is back within this time. */
const graceMs = 5_000;

/** Number of living consumers of each queue over all processes, by sub-topology/topic. */
export const readConsumers = async (cells: Pick<Cells, "all">): Promise<ReadonlyMap<string, number>> => {
  const living = new Map<string, number>();
  for (const text of (await cells.all(group)).values())
    for (const [queue, count] of Object.entries(JSON.parse(text) as Record<string, number>))
      living.set(queue, (living.get(queue) ?? 0) + count);
  return living;
};

/** Watches this process's consumers for its metrics, for its readiness and, through the cells, for the command line. */
export const watchConsumers = (
  consumed: () => readonly ConsumedQueue[],
  cells: Pick<Cells, "set">,
  instance: string,
  metrics: Pick<Metrics, "consumers" | "consumersConfigured">,
  clock: Pick<Clock, "now">,
): ConsumerWatch => {
  const livedAtMs = new Map<string, number>();
  let publishedAtMs = Number.NEGATIVE_INFINITY;
  const publish = (queues: readonly ConsumedQueue[]): void => {
    publishedAtMs = clock.now();
    const counts = Object.fromEntries(queues.map(({ queue, living }) => [queue.name, living]));
    cells.set(group, instance, JSON.stringify(counts), keepMs).catch(() => undefined); // informational: nothing depends on it
  };
  const look = (): void => {
    const queues = consumed();
    for (const { queue, living } of queues) {
      const { name, consumers } = queue;
      metrics.consumers.set({ queue: name }, living);
      metrics.consumersConfigured.set({ queue: name }, consumers);
      if (living > 0 || !livedAtMs.has(name)) livedAtMs.set(name, clock.now());
    }
    if (clock.now() - publishedAtMs >= publishEveryMs) publish(queues);
  };
  look();
  const timer = setInterval(look, lookEveryMs);
  timer.unref();
  return {
    assertLiving: () => {
      const dead = consumed().filter(({ queue, living }) => living === 0 && clock.now() - (livedAtMs.get(queue.name) ?? 0) > graceMs);
      if (dead.length === 0) return;
      const listed = (reasonOf: (trouble: CarillonError) => string): string =>
        dead.map(({ queue, trouble }) => `${queue.name} (${trouble ? reasonOf(trouble) : "reason unknown"})`).join(", ");
      throw new CarillonError("UNAVAILABLE", `no live consumer for ${listed(({ message }) => message)}`, {
        publicWords: `no live consumer for ${listed(({ code }) => code)}`,
      });
    },
    stop: () => {
      clearInterval(timer);
      publish(consumed().map((one) => ({ ...one, living: 0 })));
    },
  };
};
