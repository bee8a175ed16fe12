import { channels, lanes } from "../schemas/vocabulary.js";

/** Every queue of the delivery topology, as sub-topology/topic; those of webhooks are there where a tenant has one. */
export const deliveryQueues: readonly string[] = [
  ...lanes.map((lane) => `intake/requests.${lane}`),
  ...channels.flatMap((channel) => lanes.map((lane) => `dispatch/dispatch.${channel}.${lane}`)),
  ...channels.map((channel) => `respond/receipts.${channel}`),
  "announce/feedback",
  "webhook/webhooks",
  "record/lineage",
];

/** In place of a pattern: a process that consumes nothing, such as one that answers HTTP alone. */
export const noQueue = "none";

/** Whether one of the patterns (`*` stands for anything) fits the queue; without patterns every queue is meant. */
export const matchesQueue = (patterns: readonly string[], queue: string): boolean =>
  patterns.length === 0 ||
  patterns.some((pattern) =>
    new RegExp(
      `^${pattern
        .split("*")
        .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"))
        .join(".*")}$`,
    ).test(queue),
  );
