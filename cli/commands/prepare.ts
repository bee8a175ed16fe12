import type { Command } from "commander";
import { harmfulSettings, harmOf } from "../../operations/topic-drifts.js";
import { counted } from "../../schemas/counted.js";
import { openLocally } from "../local/opened.js";
import { paint } from "../palette.js";
import { say, sayAside, sayJson } from "../print.js";
import { configOf } from "../session.js";

export const addPrepareCommand = (program: Command): void => {
  program
    .command("prepare")
    .description("create topics, add partitions, create indexes and register schemas ahead of a start")
    .option("--json", "print JSON")
    .action(async (options: { json?: boolean }, command: Command) => {
      const local = openLocally(configOf(command));
      try {
        const { stores, assembly } = await local.opened();
        await Promise.all([stores.log.ensureTopics(assembly.topics), stores.lineage.prepare()]);
        const partitions = assembly.topics.reduce((sum, topic) => sum + topic.partitions, 0);
        if (options.json) sayJson({ topics: assembly.topics.length, partitions });
        else
          say(
            `${paint.green("✔")} ${counted(assembly.topics.length, "topic")} with ${counted(partitions, "partition")}, their schemas and the lineage collections are ready`,
          );
        const harm = await harmOf(stores.log, assembly.topics);
        if (harm.length > 0) sayAside(paint.yellow(`warning: ${harmfulSettings}: ${harm.join("; ")}`));
      } finally {
        await local.close();
      }
    });
};
