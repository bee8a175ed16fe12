import type { Config } from "../config/schema.js";
import type { Queue } from "../engine/queue.js";
import { matchesQueue, noQueue } from "./queues.js";

/** A mistyped pattern would silently leave its queue without a consumer. */
export const unknownQueues = ({ runtime }: Config, queues: readonly Pick<Queue, "name">[]): string[] => {
  const fits = (pattern: string): boolean => queues.some(({ name }) => matchesQueue([pattern], name));
  return runtime.queues
    .filter((pattern) => (pattern === noQueue ? runtime.queues.length > 1 : !fits(pattern)))
    .map((pattern) => `runtime.queues: no queue matches "${pattern}": see carillon lanes, or give only ${noQueue}`);
};
