import type { Command } from "commander";
import type { QueueState } from "../../operations/lag/queue-states.js";
import { withDeployment } from "../deployment/open-deployment.js";
import { paint } from "../palette.js";
import { say, sayJson, spanOf, table } from "../print.js";

const oldest = (waited: readonly number[]): string => (waited.length === 0 ? "–" : spanOf(Math.max(...waited)));

const rowsOf = ({ subTopology, topic, partitions, consumers, lag, waitedMs }: QueueState, byPartition: boolean): string[][] => [
  [subTopology, topic, String(partitions.length), String(consumers), String(lag), oldest(Object.values(waitedMs))],
  ...(byPartition
    ? partitions.map((one) => {
        const waited = waitedMs[String(one.partition)];
        return ["", `  ${one.partition}`, "", "", String(one.lag), oldest(waited === undefined ? [] : [waited])];
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
        say(table([["stage", "topic", "partitions", "consumers", "lag", "oldest"], ...rows]));
        const waiting = queues.reduce((sum, { lag }) => sum + lag, 0);
        say(waiting === 0 ? paint.green("\nall queues are empty") : paint.yellow(`\n${waiting} records queued`));
      }),
    );
};
