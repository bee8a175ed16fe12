import type { Command } from "commander";
import type { QueueState } from "../../operations/lag/queue-states.js";
import { counted } from "../../schemas/counted.js";
import { withDeployment } from "../deployment/open-deployment.js";
import { paint } from "../palette.js";
import { say, sayJson, spanOf, table } from "../print.js";

const oldest = (agesMs: readonly number[]): string => (agesMs.length === 0 ? "–" : spanOf(Math.max(...agesMs)));

const rowsOf = ({ subTopology, topic, partitions, consumers, lag, oldestMs }: QueueState, byPartition: boolean): string[][] => [
  [subTopology, topic, String(partitions.length), String(consumers), String(lag), oldest(Object.values(oldestMs))],
  ...(byPartition
    ? partitions.map((one) => {
        const ageMs = oldestMs[String(one.partition)];
        return ["", `  ${one.partition}`, "", "", String(one.lag), oldest(ageMs === undefined ? [] : [ageMs])];
      })
    : []),
];

export const addLanesCommand = (program: Command): void => {
  program
    .command("lanes")
    .description("show partitions, live consumers, lag and oldest record of every queue")
    .option("--partitions", "also show each partition")
    .option("--json", "print JSON")
    .action((options: { partitions?: boolean; json?: boolean }, command: Command) =>
      withDeployment(command, async (deployment) => {
        const queues = await deployment.queues.states();
        if (options.json) return sayJson(queues);
        const rows = queues.flatMap((queue) => rowsOf(queue, options.partitions === true));
        say(table([["sub-topology", "topic", "partitions", "consumers", "lag", "oldest"], ...rows]));
        const queued = queues.reduce((sum, { lag }) => sum + lag, 0);
        say(queued === 0 ? paint.green("\nall queues are empty") : paint.yellow(`\n${counted(queued, "record")} queued`));
      }),
    );
};
