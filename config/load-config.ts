import { existsSync, readFileSync } from "node:fs";
import { hostname } from "node:os";
import { parseDocument } from "yaml";
import { CarillonError, messageOf } from "../schemas/errors.js";
import { createSecretMask, type Mask } from "../schemas/secret-mask.js";
import { proxyProblems } from "../stores/wire/proxy-environment.js";
import { problemsBetweenKeys } from "./cross-checks.js";
import { type Config, configSchema } from "./schema.js";
import { isSecretPath, isSecretReference, keepMask, secretsOf, shortSecrets } from "./secrets.js";

type Tree = { [key: string]: unknown };

/** Variables that set single keys. */
export const environmentKeys: Readonly<Record<string, { readonly path: readonly string[]; readonly parse: "text" | "number" | "list" }>> = {
  CARILLON_PROFILE: { path: ["profile"], parse: "text" },
  CARILLON_INSTANCE: { path: ["instance"], parse: "text" },
  CARILLON_DATA_DIR: { path: ["dataDir"], parse: "text" },
  CARILLON_HOST: { path: ["http", "host"], parse: "text" },
  CARILLON_PORT: { path: ["http", "port"], parse: "number" },
  CARILLON_KAFKA_BROKERS: { path: ["kafka", "brokers"], parse: "list" },
  CARILLON_REDIS_URL: { path: ["redis", "url"], parse: "text" },
  CARILLON_REDIS_SENTINELS: { path: ["redis", "sentinel", "addresses"], parse: "list" },
  CARILLON_REDIS_CLUSTER: { path: ["redis", "cluster"], parse: "list" },
  CARILLON_MONGO_URL: { path: ["mongo", "url"], parse: "text" },
  CARILLON_REGISTRY_URL: { path: ["registry", "url"], parse: "text" },
  CARILLON_AWS_ENDPOINT: { path: ["aws", "endpoint"], parse: "text" },
  CARILLON_TRACING_URL: { path: ["tracing", "url"], parse: "text" },
  CARILLON_LOG_LEVEL: { path: ["log", "level"], parse: "text" },
  CARILLON_RUN: { path: ["runtime", "only"], parse: "list" },
};

/** What the cluster profile presets differently: design's partition and consumer counts. */
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

const isTree = (value: unknown): value is Tree => typeof value === "object" && value !== null && !Array.isArray(value);

const merge = (below: Tree, above: Tree): Tree => {
  const merged: Tree = { ...below };
  for (const [key, value] of Object.entries(above)) {
    const under = merged[key];
    merged[key] = isTree(under) && isTree(value) ? merge(under, value) : value;
  }
  return merged;
};

const setPath = (tree: Tree, [head, ...rest]: readonly string[], value: unknown): Tree => {
  if (head === undefined) return tree;
  const under = tree[head];
  return { ...tree, [head]: rest.length === 0 ? value : setPath(isTree(under) ? under : {}, rest, value) };
};

const fromEnvironment = (environment: NodeJS.ProcessEnv): Tree => {
  let tree: Tree = {};
  for (const [name, { path, parse: how }] of Object.entries(environmentKeys)) {
    const text = environment[name];
    if (text === undefined || text === "") continue;
    const list = text
      .split(",")
      .map((item) => item.trim())
      .filter((item) => item !== "");
    tree = setPath(tree, path, how === "number" && /^\d+$/.test(text) ? Number(text) : how === "list" ? list : text);
  }
  return tree;
};

const reference = /\$\{(env|file):([^}]+)\}/g;

/** What is found while references are resolved. */
interface Found {
  readonly problems: string[];
  /** Values that were put in where they are secret, though their keys are not. */
  readonly secrets: string[];
}

/** Replaces `${env:NAME}` and `${file:PATH}`; notes what is missing and secrets that are written out. */
const resolveReferences = (value: unknown, path: string, environment: NodeJS.ProcessEnv, found: Found): unknown => {
  const { problems, secrets } = found;
  if (Array.isArray(value))
    return value.map((item, index) => resolveReferences(item, path ? `${path}.${index}` : String(index), environment, found));
  if (isTree(value)) {
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, resolveReferences(item, path ? `${path}.${key}` : key, environment, found)]),
    );
  }
  if (typeof value !== "string") return value;
  if (isSecretPath(path) && !/^\$\{(env|file):[^}]+\}$/.test(value)) {
    problems.push(`${path}: a secret must not be written into the file: use \${env:NAME} or \${file:PATH}`);
    return "written-out";
  }
  return value.replace(reference, (whole, kind: string, name: string) => {
    const text = kind === "env" ? environment[name] : existsSync(name) ? readFileSync(name, "utf8").trim() : undefined;
    if (text === undefined) problems.push(`${path}: ${kind === "env" ? `the variable ${name} is not set` : `there is no file ${name}`}`);
    else if (isSecretReference(path, text)) secrets.push(text);
    return text ?? whole;
  });
};

const unresolvedTag = "TAG_RESOLVE_FAILED";

/** The library quotes the lines around a mistake, and the names of tags and aliases: a secret that was written out may be one of them. */
const parseYaml = (text: string, path: string): unknown => {
  const document = parseDocument(text);
  const mistake = [...document.errors, ...document.warnings].find(({ name, code }) => name === "YAMLParseError" || code === unresolvedTag);
  const { line, col } = mistake?.linePos?.[0] ?? {};
  const place = line === undefined ? "" : ` at line ${line}, column ${col}`;
  const fix = "put quotes around values that begin with *, & or !";
  const refuse = (problem: string): never => {
    throw new CarillonError("CONFIG_INVALID", `${path} is not YAML: ${problem}${place}`, { fix });
  };
  if (mistake?.code === unresolvedTag) refuse("a tag cannot be resolved");
  // what follows a colon or a percent sign is quoted from the file
  if (mistake) refuse((mistake.message.split(/[:%\n]/)[0] ?? "").replace(/ at line \d+.*$/, ""));
  try {
    return document.toJS() ?? {};
  } catch {
    return refuse("an alias has no anchor");
  }
};

const readFile = (path: string): Tree => {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw new CarillonError("CONFIG_INVALID", `the configuration file cannot be read: ${messageOf(error)}`, { cause: error });
  }
  const tree = parseYaml(text, path);
  if (!isTree(tree)) throw new CarillonError("CONFIG_INVALID", `${path} is not YAML: it is not a map of keys`);
  return tree;
};

type Issue = { readonly code: string; readonly path: readonly PropertyKey[]; readonly keys?: readonly string[] };

const withoutPath = (tree: Tree, [head, ...rest]: readonly PropertyKey[]): Tree => {
  if (head === undefined || !(String(head) in tree)) return tree;
  const { [String(head)]: under, ...others } = tree;
  return rest.length > 0 && isTree(under) ? { ...others, [String(head)]: withoutPath(under, rest) } : others;
};

const withoutIssues = (tree: Tree, issues: readonly Issue[]): Tree =>
  issues.flatMap((issue) => (issue.keys ? issue.keys.map((key) => [...issue.path, key]) : [issue.path])).reduce<Tree>(withoutPath, tree);

export interface LoadOptions {
  /** A YAML file; else CARILLON_CONFIG, else none. */
  readonly file?: string | undefined;
  readonly environment?: NodeJS.ProcessEnv;
  /** Set from the command line or by a test; the last word. */
  readonly overrides?: Tree;
}

/** Keys that are no more, and what took their place. */
const replacedKeys: Readonly<Record<string, string>> = {
  "webhooks.allowPrivate": "list the private ranges that webhooks may call in webhooks.allowAddresses, such as [10.0.0.0/8]",
};

const sayIssue = (issue: Issue & { readonly message: string }): string[] => {
  const at = issue.path.join(".");
  const unknown = (path: string): string => `${path}: there is no such key${replacedKeys[path] ? `: ${replacedKeys[path]}` : ""}`;
  return issue.keys ? issue.keys.map((key) => unknown(`${at ? `${at}.` : ""}${key}`)) : [`${at}: ${issue.message}`];
};

/** Keys that take an address, which may carry an account. */
const isAddressKey = (path: readonly string[]): boolean => /^(url|endpoint|brokers|addresses|cluster)$/.test(path.at(-1) ?? "");

/**
 * A variable's value as an error may quote it. No account can be found in an address that cannot be parsed, so only what
 * follows the last @ and comes before a query is shown, and nothing that does not look like an address.
 */
const quoted = (text: string, path: readonly string[]): string => {
  if (!isAddressKey(path)) return `=${JSON.stringify(text)}`;
  const host = /^.*@(?<host>[^/?#\s]*)/s.exec(text)?.groups?.host;
  if (host !== undefined) return `="***@${host}"`;
  const plain = /^([a-z][a-z0-9+.-]*:\/\/)?[\w.-]+:\d*(,[\w.-]+:\d*)*\/?$/i.test(text);
  return plain ? `=${JSON.stringify(text)}` : "";
};

/** A key that a variable set is named by that, with what it holds: who wrote it knows no key. */
const namingVariable =
  (path: readonly PropertyKey[], environment: NodeJS.ProcessEnv) =>
  (problem: string): string => {
    const found = Object.entries(environmentKeys).find(
      ([name, key]) => environment[name] && key.path.every((part, index) => part === String(path[index])),
    );
    return found ? `${found[0]}${quoted(environment[found[0]] ?? "", found[1].path)} (${problem})` : problem;
  };

const refuse = (problems: readonly string[], path: string | undefined, mask: Mask): never => {
  const where = path ? ` (${path} and the environment)` : "";
  const mistakes = `${problems.length} mistake${problems.length === 1 ? "" : "s"}`;
  throw new CarillonError("CONFIG_INVALID", mask(`the configuration has ${mistakes}${where}:\n  ${problems.join("\n  ")}`));
};

/** Reads, merges and checks everything before any connection is made. Throws CONFIG_INVALID with every mistake at once. */
export const loadConfig = (options: LoadOptions = {}): Config => {
  const environment = options.environment ?? process.env;
  const path = options.file ?? environment.CARILLON_CONFIG;
  const problems: string[] = [...proxyProblems(environment)];
  const secrets: string[] = [];
  const file = resolveReferences(path ? readFile(path) : {}, "", environment, { problems, secrets }) as Tree;
  const given = merge(merge(file, fromEnvironment(environment)), options.overrides ?? {});
  const presets = merge({ instance: `${hostname()}-${process.pid}` }, given.profile === "cluster" ? clusterPresets : {});
  const result = configSchema.safeParse(merge(presets, given));
  const issues = result.error?.issues ?? [];
  problems.push(...issues.flatMap((issue) => sayIssue(issue as Issue & { message: string }).map(namingVariable(issue.path, environment))));
  // what is wrong in itself is set aside, so that what does not fit together is told in the same breath
  const rest = configSchema.safeParse(merge(presets, withoutIssues(given, issues as readonly Issue[])));
  if (rest.success) problems.push(...problemsBetweenKeys(rest.data));
  problems.push(...shortSecrets(given));
  const mask = createSecretMask(secretsOf(result.data ?? given, environment, secrets));
  if (problems.length > 0 || !result.success) return refuse(problems, path, mask);
  keepMask(result.data, mask);
  return result.data;
};
