import { type Command, Option } from "commander";
import { describeAsMermaid, describeAsText, describeTopology } from "../../engine/describe.js";
import { assemble } from "../../service/assemble.js";
import { createMemoryStores } from "../../service/memory-stores.js";
import { systemClock } from "../../stores/clock.js";
import { say, sayJson } from "../print.js";
import { configOf } from "../session.js";

export const addTopologyCommand = (program: Command): void => {
  program
    .command("topology")
    .description("print the topology without connecting to any server")
    .addOption(new Option("--format <format>", "output format").choices(["text", "mermaid", "json"]).default("text"))
    .action(async ({ format }: { format: "text" | "mermaid" | "json" }, command: Command) => {
      const config = configOf(command);
      const { graphs } = await assemble(config, createMemoryStores(systemClock), systemClock);
      const descriptions = graphs.map(describeTopology);
      if (format === "json") sayJson(descriptions.length === 1 ? descriptions[0] : descriptions);
      else
        say(
          descriptions
            .map(format === "mermaid" ? describeAsMermaid : describeAsText)
            .join("\n")
            .trimEnd(),
        );
    });
};
