import type { Command } from "commander";
import { harmfulSettings, harmOf } from "../../operations/topic-drifts.js";
import { openLocally } from "../local/opened.js";
import { paint } from "../palette.js";
import { say, sayAside } from "../print.js";
import { configOf } from "../session.js";

export const addPrepareCommand = (program: Command): void => {
  program
    .command("prepare")
    .description("create topics, add partitions, create indexes and register schemas ahead of a start")
    .action(async (_options: unknown, command: Command) => {
      const local = openLocally(configOf(command));
      try {
        const { stores, assembly } = await local.opened();
        await Promise.all([stores.log.ensureTopics(assembly.topics), stores.lineage.prepare()]);
        const partitions = assembly.topics.reduce((sum, topic) => sum + topic.partitions, 0);
        say(
          `${paint.green("✔")} ${assembly.topics.length} topics with ${partitions} partitions, their schemas and the lineage collections are ready`,
        );
        const harm = await harmOf(stores.log, assembly.topics);
        if (harm.length > 0) sayAside(paint.yellow(`warning: ${harmfulSettings}: ${harm.join("; ")}`));
      } finally {
        await local.close();
      }
    });
};
