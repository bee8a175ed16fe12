import { type Command, Option } from "commander";
import { describeAsMermaid, describeAsText } from "../../engine/describe.js";
import { withDeployment } from "../deployment/open-deployment.js";
import { say, sayJson } from "../print.js";

export const addTopologyCommand = (program: Command): void => {
  program
    .command("topology")
    .description("print the topology without connecting to any server")
    .addOption(new Option("--format <format>", "output format").choices(["text", "mermaid", "json"]).default("text"))
    .action(async ({ format }: { format: "text" | "mermaid" | "json" }, command: Command) => {
      const descriptions = await withDeployment(command, ({ queues }) => queues.topologies(), "own configuration");
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
