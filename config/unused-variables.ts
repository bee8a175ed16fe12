import { environmentKeys } from "./environment-keys.js";
import type { Config } from "./schema.js";

/** Variables that other code than the configuration reads, or that belong to tools with the same prefix. */
const otherVariables = /^CARILLON_(CONFIG|DEBUG|URL|API_KEY|CALLBACK_(URL|TOKEN)|SCREENSHOTS|(TEST|FUZZ)_.*)$/;

/** Variables that Kubernetes sets in each pod for a Service whose name starts with "carillon". */
const serviceLink = /^CARILLON_(\w+_)?(SERVICE_(HOST|PORT(_\w+)?)|PORT(_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?)$/;

/** Variables with Carillon's prefix that set no key and that no reference in the file names, whatever their purpose. */
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

/** The unused variables in the environment of a loaded configuration. They have no effect. */
export const unusedVariablesOf = (config: Config): readonly string[] => unused.get(config) ?? [];

/** The warning for one variable. */
export const unusedVariableWords = (name: string): string =>
  `the variable ${name} sets nothing: set its key in the configuration file (to \${env:${name}} to keep the value in the variable), or unset it`;
