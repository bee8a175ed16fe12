/**
 * Checks that the other linters do not support: the sources of clock, chance and environment, the names of modules, and the code that
 * appends to the log.
 */
const { existsSync, readdirSync } = require("node:fs");
const { posix } = require("node:path");
const { folders, free, layers, lent } = require("./folders.cjs");
const { impurity } = require("./pure-text.cjs");
const { bare, memberName, parse, walk } = require("./source-text.cjs");

/** Layers, and one file, that append to the log directly. All others use a writer that their graph declares. */
const appenders = ["stores/", "engine/", "client/kafka-transport.ts"];

/** Other objects with a method of this name: writers, and objects that are not the log. */
const receivers = /^(writers?|redriven|discarded|outlet|to|webhooks|query|store)$/;

/** dependency-cruiser cannot parse JSX with swc, so this script checks the page's imports. */
const isPage = (path) => path.startsWith("console/");

/** packages/ has no sources of its own: bin/build-packages.js makes its dist/, and lists the folders that a package may hold. */
const isBuilt = (path) => /^packages\/[^/]+\/dist\//.test(path.replaceAll("\\", "/"));

const isSource = (name) => /\.[cm]?[jt]sx?$/.test(name);
const filesIn = (folder) =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => isSource(name) && !name.includes("node_modules") && !isBuilt(`${folder}/${name}`))
    .map((name) => `${folder}/${name}`.replaceAll("\\", "/"));

/** The last name of an expression: `log` of `a.log`, `writers` of `a.writers("erase")`. */
const lastName = (expression) => {
  const node = bare(expression);
  if (node.type === "CallExpression") return lastName(node.callee);
  return node.type === "MemberExpression" ? memberName(node) : node.value;
};

const isLiteral = (node) => node?.type === "StringLiteral";
const nameless = "name the module by a literal, in an import statement or import(): no other form is checked";

const moduleProblem = (node) => {
  if (node.type === "TsImportType") return "import the type by an import statement: dependency-cruiser does not see import() in types";
  if (node.type === "TsExternalModuleReference" || (node.type === "Identifier" && ["require", "createRequire"].includes(node.value)))
    return nameless;
  if (node.type === "ImportSpecifier" && (node.imported ?? node.local).value === "createRequire") return nameless;
  if (node.type === "MemberExpression" && ["getBuiltinModule", "createRequire", "mainModule"].includes(memberName(node))) return nameless;
  const isImport = node.type === "CallExpression" && node.callee.type === "Import";
  return isImport && !isLiteral(node.arguments[0]?.expression) ? nameless : undefined;
};

const isListed = (specifier, path, { imports = [], builtins = [], libraries = [] }) => {
  const target = specifier.startsWith(".") ? posix.join(posix.dirname(path), specifier).replace(/\.js$/, "") : undefined;
  if (target !== undefined) return [`${path.split("/")[0]}/`, ...imports].some((one) => `${target}.ts`.startsWith(one));
  const builtin = builtins.some((one) => specifier === `node:${one}`);
  return builtin || libraries.some((one) => specifier === one || specifier.startsWith(`${one}/`));
};

/** The problem with a module named by a literal, in a file that dependency-cruiser's parser cannot read. */
const importProblem = (node, path, entry) => {
  const named = isLiteral(node.source)
    ? node.source
    : node.type === "CallExpression" && node.callee.type === "Import" && node.arguments[0]?.expression;
  if (!isLiteral(named) || isListed(named.value, path, entry)) return undefined;
  return `imports ${named.value}, which .ci/lint/folders.cjs does not list`;
};

const moduleSyntax = /^(ImportDeclaration|ExportNamedDeclaration|ExportAllDeclaration|ImportExpression|CallExpression)$/;

/** Names of the values that a statement imports from a module; undefined for all of them. */
const valuesTaken = (node) => {
  if (node.typeOnly) return [];
  // a statement without names imports the module for its side effects
  if (!(node.specifiers?.length > 0)) return undefined;
  const named = node.specifiers.filter(({ isTypeOnly }) => !isTypeOnly);
  if (!named.every(({ type }) => type === "ImportSpecifier" || type === "ExportSpecifier")) return undefined;
  return named.map((one) => (one.type === "ImportSpecifier" ? (one.imported ?? one.local) : one.orig).value);
};

/** The problem with a value that a file of a pure layer imports from an impure one. */
const lentProblem = (node, path) => {
  if (!moduleSyntax.test(node.type)) return undefined;
  const named = node.type === "CallExpression" ? node.callee.type === "Import" && node.arguments[0]?.expression : node.source;
  if (!isLiteral(named) || !named.value.startsWith(".")) return undefined;
  const target = posix.join(posix.dirname(path), named.value).replace(/\.[jt]s$/, "");
  const home = folders[target.split("/")[0]];
  if (!home || home.pure) return undefined;
  const taken = valuesTaken(node);
  const missing = taken?.filter((name) => !lent[target]?.includes(name)) ?? ["everything"];
  return missing.length > 0
    ? `takes ${missing.join(", ")} from ${target}.ts, which may read clock, chance or environment: pass it in, or list it as lent in .ci/lint/folders.cjs`
    : undefined;
};

/** Names that a declaration or a property gives to a value: `writer` of `writer = a.log`, `writer: a.log` and `{ log: writer } = a`. */
const givenName = (node) => {
  const named = {
    VariableDeclarator: [node.id, node.init],
    KeyValueProperty: [node.key, node.value],
    AssignmentExpression: [node.left, node.right],
  }[node.type];
  if (named?.[1]) return [named[0]?.value, lastName(named[1])];
  return node.type === "KeyValuePatternProperty" ? [node.value?.value, node.key?.value] : [];
};

const appendProblem = (node) => {
  const text = "append by a writer that the graph declares (engine/outlet.ts), not to the log itself";
  if (node.type === "MemberExpression" && memberName(node) === "append") return receivers.test(lastName(node.object)) ? undefined : text;
  const [name, value] = givenName(node);
  if (receivers.test(name) && /^log$/i.test(value)) return text;
  if (node.type !== "VariableDeclarator" || node.id.type !== "ObjectPattern") return undefined;
  return node.id.properties.some(({ key }) => [key?.value, key?.expression?.value].includes("append")) ? text : undefined;
};

/** The problems of a value node in a pure layer. */
function* pureProblems(node, parents, path, { globals }) {
  const impure = impurity(node, parents, globals ?? []);
  if (impure) yield `${impure}: clock, chance and environment come in by the context (stores/clock.ts, processors/chance.ts, config/)`;
  if (!globals) yield lentProblem(node, path);
}

const problemsOf = (path) => {
  const [folder] = path.split("/");
  const name = path.slice(folder.length + 1);
  const entry = folders[folder];
  const exception = entry.files?.[name] ?? {};
  const problems = new Set();
  const { text, program } = parse(path);
  if (/^\s*\/\/\/\s*<reference/m.test(text)) problems.add("import what it needs: no reference comments");
  walk(program, (node, parents, isType) => {
    if (entry.pure && !isType) for (const problem of pureProblems(node, parents, path, exception)) problems.add(problem);
    if (!exception.loads) problems.add(moduleProblem(node));
    if (isPage(path)) problems.add(importProblem(node, path, entry));
    if (layers.includes(folder) && !appenders.some((one) => path.startsWith(one))) problems.add(appendProblem(node));
  });
  problems.delete(undefined);
  return [...problems].map((problem) => `${path}: ${problem}`);
};

const sourceFolders = readdirSync(".", { withFileTypes: true })
  .filter((one) => one.isDirectory() && !/^(\.|node_modules$|dist$|coverage$)/.test(one.name))
  .map(({ name }) => name);
const unknown = sourceFolders
  .filter((name) => !folders[name] && !free.includes(name) && filesIn(name).length > 0)
  .map((name) => `${name}/: is not in .ci/lint/folders.cjs: give it its place in the order`);
const checked = [...layers, "console"].filter((name) => existsSync(name)).flatMap(filesIn);
const problems = [...unknown, ...checked.flatMap(problemsOf)];
for (const problem of problems) process.stderr.write(`${problem}\n`);
process.exitCode = problems.length > 0 ? 1 : 0;
