import { hostname } from "node:os";
import { CarillonError } from "../schemas/errors.js";
import { createSecretMask, type Mask } from "../schemas/secret-mask.js";
import { proxyProblems } from "../wire/proxy-environment.js";
import { problemsBetweenKeys } from "./cross-checks.js";
import { namingVariables, treeOfEnvironment, variableProblems } from "./environment-keys.js";
import { type Issue, wordsOfIssue } from "./issue-words.js";
import { knownKeysOf } from "./known-keys.js";
import { readConfigFile } from "./read-config-file.js";
import { type Found, resolveReferences } from "./references.js";
import type { Config, ConfigSchema } from "./schema.js";
import { keepSecrets, secretsOf, shortSecrets } from "./secrets.js";
import { merge, setPath, type Tree, valueAt, withoutPath } from "./tree.js";
import { keepUnusedVariables, unusedVariablesIn } from "./unused-variables.js";

/** Defaults that differ in the cluster profile: the design's partition and consumer counts. */
const clusterPresets: Tree = {
  lanes: {
    critical: { partitions: 12, consumers: 6 },
    high: { partitions: 8, consumers: 4 },
    normal: { partitions: 6, consumers: 2 },
    bulk: { partitions: 3, consumers: 1 },
  },
  receipts: { partitions: 6, consumers: 2 },
  lineage: { partitions: 6, consumers: 2 },
};

export interface LoadOptions {
  /** A YAML file; default: CARILLON_CONFIG, or none. */
  readonly file?: string | undefined;
  readonly environment?: NodeJS.ProcessEnv;
  /** Values from the command line or a test. They override everything else. */
  readonly overrides?: Tree;
}

/** Definitions from other folders: the available keys, and the conflicts between them. */
export interface ConfigDefinition {
  readonly schema: ConfigSchema;
  /** Conflicts between keys that are valid by themselves: `<key>: <problem>: <what to do>`. */
  readonly problemsOf: (config: Config) => readonly string[];
}

const issuesOf = (schema: ConfigSchema, tree: Tree): readonly Issue[] => (schema.safeParse(tree).error?.issues ?? []) as readonly Issue[];

/** Converts a text to a number or a boolean, because references only produce texts. */
const convert = (text: unknown, expected: string | undefined): unknown => {
  if (typeof text !== "string") return text;
  if (expected === "boolean") return text === "true" ? true : text === "false" ? false : text;
  return (expected === "number" || expected === "int") && /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
};

/** Converts texts from references where the schema expects numbers or booleans. */
const withNumbers = (schema: ConfigSchema, given: Tree, replaced: ReadonlySet<string>): Tree =>
  issuesOf(schema, given)
    .filter(({ code, path }) => code === "invalid_type" && replaced.has(path.join(".")))
    .reduce((tree, { path, expected }) => setPath(tree, path.map(String), convert(valueAt(tree, path), expected)), given);

const pathsOf = ({ path, keys }: Issue): (readonly PropertyKey[])[] => (keys ? keys.map((key) => [...path, key]) : [path]);

const mostRounds = 10;

/** The valid part: without invalid values, and without values that depend on them. */
const soundPart = (schema: ConfigSchema, given: Tree): Config | undefined => {
  let tree = given;
  for (let round = 0; round < mostRounds; round += 1) {
    const result = schema.safeParse(tree);
    if (result.success) return result.data;
    tree = (result.error.issues as unknown as readonly Issue[]).flatMap(pathsOf).reduce(withoutPath, tree);
  }
  return undefined;
};

/** Whether a conflict involves a key that is invalid itself and was removed. */
const isConsequence =
  (wrong: readonly string[]) =>
  (problem: string): boolean => {
    const key = /^[\w.-]+(?=:)/.exec(problem)?.[0];
    return key !== undefined && wrong.some((path) => path === key || path.startsWith(`${key}.`));
  };

const refuse = (problems: readonly string[], path: string | undefined, mask: Mask): never => {
  const where = path ? ` (${path} and the environment)` : "";
  const mistakes = `${problems.length} error${problems.length === 1 ? "" : "s"}`;
  throw new CarillonError("CONFIG_INVALID", mask(`the configuration has ${mistakes}${where}:\n  ${problems.join("\n  ")}`));
};

/** One problem per key: further findings on the same value add nothing. */
const firstOfEach = (issues: readonly Issue[]): readonly Issue[] => {
  const seen = new Set<string>();
  return issues.filter(({ path, keys }) => {
    const key = path.join(".");
    if (keys) return true;
    const isNew = !seen.has(key);
    seen.add(key);
    return isNew;
  });
};

/** Reads, merges and checks everything before any connection is made. Throws CONFIG_INVALID with every problem at once. */
export const readConfig = ({ schema, problemsOf }: ConfigDefinition, options: LoadOptions): Config => {
  const environment = options.environment ?? process.env;
  const path = options.file ?? environment.CARILLON_CONFIG;
  const found: Found = { problems: [], secrets: [], replaced: new Set(), variables: new Set() };
  const file = resolveReferences(path ? readConfigFile(path) : {}, "", environment, found) as Tree;
  const merged = merge(merge(file, treeOfEnvironment(environment)), options.overrides ?? {});
  const presets = merge({ instance: `${hostname()}-${process.pid}` }, merged.profile === "cluster" ? clusterPresets : {});
  const given = withNumbers(schema, merge(presets, merged), found.replaced);
  const result = schema.safeParse(given);
  const issues = firstOfEach((result.error?.issues ?? []) as readonly Issue[]);
  const wrong = issues.flatMap(pathsOf).map((one) => one.join("."));
  // invalid values are removed, so that conflicts between the others are reported together with them
  const rest = soundPart(schema, given);
  const known = knownKeysOf(schema);
  const between = rest ? [...problemsBetweenKeys(rest), ...problemsOf(rest)].filter((problem) => !isConsequence(wrong)(problem)) : [];
  const problems = [
    ...proxyProblems(environment),
    ...variableProblems(environment),
    ...found.problems,
    ...[...issues.flatMap((issue) => wordsOfIssue(issue, given, known)), ...between].map(namingVariables(environment)),
    ...shortSecrets(given),
  ];
  const secrets = secretsOf(result.data ?? given, environment, found.secrets);
  if (problems.length > 0 || !result.success) return refuse(problems, path, createSecretMask(secrets));
  keepSecrets(result.data, secrets);
  keepUnusedVariables(result.data, unusedVariablesIn(environment, found.variables));
  return result.data;
};
