import type { Command } from "commander";
import type { Config } from "../config/schema.js";
import { maskOf } from "../config/secrets.js";
import { unusedVariablesOf, unusedVariableWords } from "../config/unused-variables.js";
import { loadConfig } from "../service/load-config.js";
import { maskOutput } from "./masked-output.js";
import { paint } from "./palette.js";
import { sayAside } from "./print.js";

/** The configuration file on the command line. */
export const fileOf = (command: Command): string | undefined => command.optsWithGlobals<{ config?: string }>().config;

/** A command's configuration. From now on the command's output masks the configuration's secrets. */
export const configOf = (command: Command): Config => {
  const config = loadConfig({ file: fileOf(command) });
  maskOutput(maskOf(config));
  return config;
};

/** Prints the unused variables to standard error. */
export const warnOfUnusedVariables = (config: Config): void => {
  for (const name of unusedVariablesOf(config)) sayAside(`${paint.yellow("▲")} ${unusedVariableWords(name)}`);
};
