import type { Queue } from "../engine/queue.js";

/** The values of the chart, where each worker with a `run` line of its own lists the queues of its role. */
export const withQueues = (values: string, queues: readonly Queue[]): string => {
  let text = values;
  for (const role of new Set(queues.flatMap(({ roles }) => roles.large ?? []))) {
    // scaling by lag or age needs the name of each queue, so there are no patterns
    const own = queues.filter(({ roles }) => roles.large === role).map(({ name }) => name);
    text = text.replace(new RegExp(`^(  ${role}:\\n    run: )\\[.*\\]$`, "m"), (_line, start: string) => `${start}[${own.join(", ")}]`);
  }
  return text;
};
