import type { Command } from "commander";
import { harmfulSettings, harmOf } from "../../operations/topic-drifts.js";
import { paint } from "../palette.js";
import { say, sayAside } from "../print.js";
import { withSession } from "../session.js";

export const addPrepareCommand = (program: Command): void => {
  program
    .command("prepare")
    .description("create topics, add partitions, create indexes and register schemas ahead of a start")
    .action((_options: unknown, command: Command) =>
      withSession(command, async ({ stores, assembly }) => {
        await Promise.all([stores.log.ensureTopics(assembly.topics), stores.lineage.prepare()]);
        const partitions = assembly.topics.reduce((sum, topic) => sum + topic.partitions, 0);
        say(
          `${paint.green("✔")} ${assembly.topics.length} topics with ${partitions} partitions, their schemas and the lineage collections are ready`,
        );
        const harm = await harmOf(stores.log, assembly.topics);
        if (harm.length > 0) sayAside(paint.yellow(`warning: ${harmfulSettings}: ${harm.join("; ")}`));
      }),
    );
};
