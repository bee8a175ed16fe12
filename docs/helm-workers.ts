import { deliveryQueues, matchesQueue } from "../topology/queues.js";
import { largeRoles, type Role } from "../topology/roles.js";

/** Scaling by lag or age needs each queue by its name, so patterns are written out. */
const queuesOf = ({ run }: Role): string => deliveryQueues.filter((queue) => matchesQueue(run, queue)).join(", ");

/** The chart's values, with each worker that has a list of queues in a line of its own consuming those of the role of its name. */
export const withQueues = (values: string): string => {
  let text = values;
  for (const role of largeRoles)
    text = text.replace(
      new RegExp(`^(  ${role.name}:\\n    run: )\\[.*\\]$`, "m"),
      (_line, start: string) => `${start}[${queuesOf(role)}]`,
    );
  return text;
};
