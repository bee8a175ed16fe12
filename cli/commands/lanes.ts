import type { Command } from "commander";
import { measureExisting, type TopicLag } from "../../operations/lag/lag.js";
import { readConsumers } from "../../operations/load/consumer-watch.js";
import { paint } from "../palette.js";
import { say, sayJson, spanOf, table } from "../print.js";
import { withSession } from "../session.js";

/** A queue, with the age of the first queued record in each of its partitions, in milliseconds. */
interface QueueNow extends TopicLag {
  /** Over all processes. */
  readonly consumers: number;
  readonly waitedMs: ReadonlyMap<number, number>;
}

const oldest = (waited: readonly number[]): string => (waited.length === 0 ? "–" : spanOf(Math.max(...waited)));

const rowsOf = ({ queue, topic, partitions, consumers, lag, waitedMs }: QueueNow, byPartition: boolean): string[][] => [
  [queue.sub, topic, String(partitions.length), String(consumers), String(lag), oldest([...waitedMs.values()])],
  ...(byPartition
    ? partitions.map((one) => {
        const waited = waitedMs.get(one.partition);
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
      withSession(command, async ({ config, stores, assembly }) => {
        const [measured, living] = await Promise.all([measureExisting(assembly.graphs, config, stores.log), readConsumers(stores.cells)]);
        const lags = measured.map((lag) => ({ ...lag, consumers: living.get(lag.queue.name) ?? 0 }));
        const queues = await Promise.all(
          lags.map(async (lag): Promise<QueueNow> => {
            const waitedMs = lag.lag > 0 ? await stores.log.waited(lag.group, lag.topic) : new Map<number, number>();
            return { ...lag, waitedMs };
          }),
        );
        if (options.json)
          return sayJson(
            queues.map(({ queue, topic, group, consumers, partitions, lag, waitedMs }) => ({
              subTopology: queue.sub,
              topic,
              group,
              consumers,
              partitions,
              lag,
              waitedMs: Object.fromEntries(waitedMs),
            })),
          );
        const rows = queues.flatMap((queue) => rowsOf(queue, options.partitions === true));
        say(table([["stage", "topic", "partitions", "consumers", "lag", "oldest"], ...rows]));
        const waiting = lags.reduce((sum, { lag }) => sum + lag, 0);
        say(waiting === 0 ? paint.green("\nall queues are empty") : paint.yellow(`\n${waiting} records queued`));
      }),
    );
};
