import type { Command } from "commander";
import pc from "picocolors";
import { measureLag } from "../../service/lag.js";
import { say, sayJson, table } from "../print.js";
import { withSession } from "../session.js";

export const addLanesCommand = (program: Command): void => {
  program
    .command("lanes")
    .description("show partitions, consumers and lag of every queue")
    .option("--json", "as JSON")
    .action((options: { json?: boolean }, command: Command) =>
      withSession(command, async ({ config, stores, assembly }) => {
        await stores.log.ensureTopics(assembly.topics);
        const lags = await measureLag(assembly.topology, config, stores.log);
        if (options.json) return sayJson(lags);
        const rows = lags.map(({ subTopology, topic, partitions, consumers, lag }) => [
          subTopology,
          topic,
          String(partitions.length),
          String(consumers),
          String(lag),
        ]);
        say(table([["stage", "topic", "partitions", "consumers", "lag"], ...rows]));
        const waiting = lags.reduce((sum, { lag }) => sum + lag, 0);
        say(waiting === 0 ? pc.green("\nnothing waits") : pc.yellow(`\n${waiting} records wait`));
      }),
    );
};
