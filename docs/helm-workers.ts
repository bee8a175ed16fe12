import type { Queue } from "../engine/queue.js";

/** The chart's values, with each worker that has a list of queues in a line of its own consuming those that name its role. */
export const withQueues = (values: string, queues: readonly Queue[]): string => {
  let text = values;
  for (const role of new Set(queues.flatMap(({ roles }) => roles.large ?? []))) {
    // scaling by lag or age needs each queue by its name, so patterns are written out
    const own = queues.filter(({ roles }) => roles.large === role).map(({ name }) => name);
    text = text.replace(new RegExp(`^(  ${role}:\\n    run: )\\[.*\\]$`, "m"), (_line, start: string) => `${start}[${own.join(", ")}]`);
  }
  return text;
};
