import { setPath, type Tree } from "./tree.js";

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
  CARILLON_THREADS: { path: ["runtime", "threads"], parse: "number" },
  CARILLON_QUEUES: { path: ["runtime", "queues"], parse: "list" },
};

const itemsOf = (text: string): string[] =>
  text
    .split(",")
    .map((item) => item.trim())
    .filter((item) => item !== "");

/** Kubernetes sets NAME_PORT to an address in each pod of a namespace with a Service of that name. */
const isServiceLink = (name: string, text: string, environment: NodeJS.ProcessEnv): boolean =>
  name === "CARILLON_PORT" && /^(tcp|udp):\/\//.test(text) && environment.CARILLON_SERVICE_HOST !== undefined;

/** The variables that are set. An empty one counts as unset, as in shells and Compose files. */
const variablesOf = (environment: NodeJS.ProcessEnv) =>
  Object.entries(environmentKeys).flatMap(([name, { path, parse }]) => {
    const text = environment[name];
    return text === undefined || text === "" || isServiceLink(name, text, environment) ? [] : [{ name, path, parse, text }];
  });

const isBlank = ({ parse, text }: { readonly parse: string; readonly text: string }): boolean =>
  parse === "list" ? itemsOf(text).length === 0 : text.trim() === "";

/** The keys set by variables. */
export const treeOfEnvironment = (environment: NodeJS.ProcessEnv): Tree =>
  variablesOf(environment)
    .filter((variable) => !isBlank(variable))
    .reduce<Tree>((tree, { path, parse, text }) => {
      const value = parse === "list" ? itemsOf(text) : parse === "number" && /^\d+$/.test(text) ? Number(text) : text;
      return setPath(tree, path, value);
    }, {});

const simple = (name: string): string => name.toUpperCase().replaceAll(/[^A-Z0-9]/g, "");

/** Whether two texts differ by one added, missing or different letter. */
const isNear = (one: string, other: string): boolean => {
  if (Math.abs(one.length - other.length) > 1) return false;
  let begin = 0;
  while (begin < one.length && one[begin] === other[begin]) begin += 1;
  const [restOfOne, restOfOther] = [one.slice(begin), other.slice(begin)];
  return restOfOne.slice(1) === restOfOther.slice(1) || restOfOne.slice(1) === restOfOther || restOfOne === restOfOther.slice(1);
};

const asWritten = "CARILLON_";

/** The variable that a name was probably meant to be: it differs by one letter, by case or underscores, or was derived from the key. */
const meantBy = (name: string): string | undefined => {
  if (!simple(name).startsWith(simple(asWritten)) || Object.hasOwn(environmentKeys, name)) return undefined;
  return Object.entries(environmentKeys).find(
    ([known, { path }]) => isNear(simple(name), simple(known)) || simple(name) === simple(`${asWritten}${path.join("")}`),
  )?.[0];
};

/** Problems with the variables themselves: blank ones, and names similar to existing ones. */
export const variableProblems = (environment: NodeJS.ProcessEnv): string[] => [
  ...variablesOf(environment)
    .filter(isBlank)
    .map(({ name, path, text }) => `${name}=${JSON.stringify(text)} (${path.join(".")}: is blank: unset the variable, or set a value)`),
  ...Object.keys(environment).flatMap((name) => {
    const meant = environment[name] === "" ? undefined : meantBy(name);
    return meant === undefined ? [] : [`${name}: unknown variable: use ${meant}, or rename it`];
  }),
];

/** Keys with a URL or address, which may contain an account. */
const isAddressKey = (path: readonly string[]): boolean => /^(url|endpoint|brokers|addresses|cluster)$/.test(path.at(-1) ?? "");

/**
 * A variable's value in a form that an error may quote. In an unparsable address the account cannot be located. So only the part after the
 * last @ and before the query is shown, and nothing at all if it does not look like an address.
 */
const quoted = (text: string, path: readonly string[]): string => {
  if (!isAddressKey(path)) return `=${JSON.stringify(text)}`;
  const host = /^.*@(?<host>[^/?#\s]*)/s.exec(text)?.groups?.host;
  if (host !== undefined) return `="***@${host}"`;
  const plain = /^([a-z][a-z0-9+.-]*:\/\/)?[\w.-]+:\d*(,[\w.-]+:\d*)*\/?$/i.test(text);
  return plain ? `=${JSON.stringify(text)}` : "";
};

/** Names the variables that set a problem's keys, with their values, because their author may not know the keys. */
export const namingVariables =
  (environment: NodeJS.ProcessEnv) =>
  (problem: string): string => {
    const named = variablesOf(environment).filter(({ path }) => {
      const at = problem.indexOf(path.join("."));
      return at >= 0 && !/[\w.]/.test(problem[at - 1] ?? "") && !/\w/.test(problem[at + path.join(".").length] ?? "");
    });
    const [first, ...others] = named.map(({ name, path, text }) => ({ key: path.join("."), set: `${name}${quoted(text, path)}` }));
    if (!first) return problem;
    const isOwn = others.length === 0 && (problem.startsWith(`${first.key}:`) || problem.startsWith(`${first.key}.`));
    return isOwn
      ? `${first.set} (${problem})`
      : `${problem} (${[first, ...others].map(({ key, set }) => `${set} sets ${key}`).join(", ")})`;
  };
