import type { Command } from "commander";
import { documentDefaults, printConfig } from "../../config/print-config.js";
import { configSchema } from "../../service/load-config.js";
import { say } from "../print.js";
import { configOf, warnOfUnusedVariables } from "../session.js";

export const addConfigCommand = (program: Command): void => {
  const config = program.command("config").description("inspect the configuration");
  config
    .command("print")
    .description("print the effective configuration, with secrets redacted")
    .option("--defaults", "print every key with its default and documentation instead")
    .action((options: { defaults?: boolean }, command: Command) => {
      if (options.defaults) return say(documentDefaults(configSchema).trimEnd());
      const inForce = configOf(command);
      warnOfUnusedVariables(inForce);
      say(printConfig(inForce).trimEnd());
    });
};
