import { messageOf } from "../schemas/errors.js";
import { readUtf8 } from "./read-config-file.js";
import { isSecretPath, isSecretReference } from "./secrets.js";
import { isTree } from "./tree.js";

const reference = /\$\{(env|file):([^}]+)\}/g;
const wholeReference = /^\$\{(env|file):[^}]+\}$/;

/** Texts that may contain a literal `${`. */
const contentPaths = [/^templates\./, /^reports\.aggregations\./, /^providers\.[^.]+\.fields\./];

/** The findings while references are resolved. */
export interface Found {
  readonly problems: string[];
  /** Resolved values that are secret although their keys are not. */
  readonly secrets: string[];
  /** Paths whose whole value was replaced: such a text may represent a number or a boolean. */
  readonly replaced: Set<string>;
  /** Names of the referenced variables. */
  readonly variables: Set<string>;
}

const readReference = (
  kind: string,
  name: string,
  environment: NodeJS.ProcessEnv,
): { readonly text: string } | { readonly problem: string } => {
  if (kind === "env") {
    const text = environment[name];
    return text === undefined ? { problem: `the variable ${name} is not set` } : { text };
  }
  try {
    return { text: readUtf8(name).trim() };
  } catch (error) {
    const isMissing = error instanceof Error && "code" in error && error.code === "ENOENT";
    return { problem: isMissing ? `the file ${name} does not exist` : `the file ${name} cannot be read: ${messageOf(error)}` };
  }
};

const resolveText = (value: string, path: string, environment: NodeJS.ProcessEnv, found: Found): string => {
  const { problems, secrets, replaced, variables } = found;
  if (isSecretPath(path) && !wholeReference.test(value)) {
    problems.push(`${path}: a secret must not be in the file: use \${env:NAME} or \${file:PATH}`);
    return "written-out";
  }
  const other = /\$\{[^{}]*\}?/.exec(value.replace(reference, ""))?.[0];
  if (other !== undefined && !contentPaths.some((one) => one.test(path)))
    problems.push(`${path}: ${other} is not a reference: write \${env:NAME} or \${file:PATH}`);
  if (wholeReference.test(value)) replaced.add(path);
  return value.replace(reference, (whole, kind: string, name: string) => {
    if (kind === "env") variables.add(name);
    const read = readReference(kind, name, environment);
    if ("problem" in read) {
      problems.push(`${path}: ${read.problem}`);
      return whole;
    }
    if (isSecretReference(path, read.text)) secrets.push(read.text);
    return read.text;
  });
};

/** Replaces `${env:NAME}` and `${file:PATH}`. Records missing values and plaintext secrets. */
export const resolveReferences = (value: unknown, path: string, environment: NodeJS.ProcessEnv, found: Found): unknown => {
  const inner = (key: string | number): string => (path ? `${path}.${key}` : String(key));
  if (Array.isArray(value)) return value.map((item, index) => resolveReferences(item, inner(index), environment, found));
  if (isTree(value))
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, resolveReferences(item, inner(key), environment, found)]));
  return typeof value === "string" ? resolveText(value, path, environment, found) : value;
};
