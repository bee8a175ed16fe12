import type { Command } from "commander";
import type { Config } from "../config/schema.js";
import { maskOf } from "../config/secrets.js";
import { unusedVariablesOf, unusedVariableWords } from "../config/unused-variables.js";
import { CarillonError } from "../schemas/errors.js";
import { type Assembly, assemble } from "../service/assemble.js";
import { loadConfig } from "../service/load-config.js";
import { openStores } from "../service/open-stores.js";
import { systemClock } from "../stores/clock.js";
import { holderOf } from "../stores/folder-lock.js";
import type { Stores } from "../stores/stores.js";
import { maskOutput } from "./masked-output.js";
import { paint } from "./palette.js";
import { sayAside } from "./print.js";

/** Throws if waiting is useless because no process runs on the embedded store. For a cluster this cannot be determined locally. */
export const assertServed = ({ profile, dataDir }: Config): void => {
  if (profile !== "embedded" || holderOf(dataDir) !== undefined) return;
  throw new CarillonError("UNAVAILABLE", `no Carillon process runs on ${dataDir}, so no message is delivered`, {
    fix: "run carillon start with the same configuration, or omit --wait",
  });
};

/** The dependencies of most commands: the stores of the configured profile, shared with running processes. */
export interface Session {
  readonly config: Config;
  readonly stores: Stores;
  readonly assembly: Assembly;
}

/** A command's configuration. From now on the command's output masks the configuration's secrets. */
export const configOf = (command: Command): Config => {
  const config = loadConfig({ file: command.optsWithGlobals<{ config?: string }>().config });
  maskOutput(maskOf(config));
  return config;
};

/** Prints the unused variables to standard error. */
export const tellUnusedVariables = (config: Config): void => {
  for (const name of unusedVariablesOf(config)) sayAside(`${paint.yellow("▲")} ${unusedVariableWords(name)}`);
};

/** Opens the stores, calls `work`, closes them. */
export const withStores = async <T>(command: Command, work: (stores: Stores, config: Config) => Promise<T>): Promise<T> => {
  const config = configOf(command);
  const stores = await openStores(config, systemClock, () => undefined);
  try {
    return await work(stores, config);
  } finally {
    await stores.close();
  }
};

/** The same with the topology assembled on them. */
export const withSession = <T>(command: Command, work: (session: Session) => Promise<T>): Promise<T> =>
  withStores(command, async (stores, config) => work({ config, stores, assembly: await assemble(config, stores, systemClock) }));
