import { environmentKeys } from "./environment-keys.js";
import type { Config } from "./schema.js";

/** Variables that are read by other code than the configuration's, or set for tools that only share the prefix. */
const otherVariables = /^CARILLON_(CONFIG|DEBUG|URL|API_KEY|CALLBACK_(URL|TOKEN)|SCREENSHOTS|(TEST|FUZZ)_.*)$/;

/** What Kubernetes sets in each pod for a Service whose name begins with "carillon". */
const serviceLink = /^CARILLON_(\w+_)?(SERVICE_(HOST|PORT(_\w+)?)|PORT(_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?)$/;

/** Variables of Carillon's prefix that set no key and that no reference of the file names, whatever they were meant for. */
export const unusedVariablesIn = (environment: NodeJS.ProcessEnv, referenced: ReadonlySet<string>): readonly string[] =>
  Object.keys(environment)
    .filter((name) => name.startsWith("CARILLON_") && environment[name] !== "")
    .filter((name) => !Object.hasOwn(environmentKeys, name) && !referenced.has(name))
    .filter((name) => !otherVariables.test(name) && !serviceLink.test(name))
    .sort();

const unused = new WeakMap<Config, readonly string[]>();

export const keepUnusedVariables = (config: Config, names: readonly string[]): void => {
  unused.set(config, names);
};

/** Those of the environment that a configuration was loaded from: what they were to change is as it was. */
export const unusedVariablesOf = (config: Config): readonly string[] => unused.get(config) ?? [];

/** What a user is told of one. */
export const unusedVariableWords = (name: string): string =>
  `the variable ${name} sets nothing: set its key in the configuration file (to \${env:${name}}, if the value is to stay where it is), or unset it`;
