/** What the other linters cannot see of the source text: where clock, chance and environment come from, how modules are named, and who appends to the log. */
const { existsSync, readdirSync } = require("node:fs");
const { posix } = require("node:path");
const { folders, free, layers } = require("./folders.cjs");
const { impurity } = require("./pure-text.cjs");
const { bare, memberName, parse, walk } = require("./source-text.cjs");

/** Layers, and a file, that append to the log; all others append by a writer that their graph declares. */
const appenders = ["stores/", "engine/", "client/client.ts"];

/** What else than the log has a method of this name: writers, and things that are no log. */
const receivers = /^(writers?|redriven|discarded|outlet|to|webhooks|query|store)$/;

/** dependency-cruiser reads no JSX with swc as its parser, so this script checks what the page imports. */
const isPage = (path) => path.startsWith("console/");

const isSource = (name) => /\.[cm]?[jt]sx?$/.test(name);
const filesIn = (folder) =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => isSource(name) && !name.includes("node_modules"))
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

/** Of a module named by a literal in a file that dependency-cruiser's parser cannot read. */
const importProblem = (node, path, entry) => {
  const named = isLiteral(node.source)
    ? node.source
    : node.type === "CallExpression" && node.callee.type === "Import" && node.arguments[0]?.expression;
  if (!isLiteral(named) || isListed(named.value, path, entry)) return undefined;
  return `imports ${named.value}, which .ci/lint/folders.cjs does not list`;
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

const problemsOf = (path) => {
  const [folder] = path.split("/");
  const name = path.slice(folder.length + 1);
  const entry = folders[folder];
  const exception = entry.files?.[name] ?? {};
  const problems = new Set();
  const { text, program } = parse(path);
  if (/^\s*\/\/\/\s*<reference/m.test(text)) problems.add("import what it needs: no reference comments");
  walk(program, (node, parents, isType) => {
    const impure = entry.pure && !isType ? impurity(node, parents, exception.globals ?? []) : undefined;
    if (impure)
      problems.add(`${impure}: clock, chance and environment come in by the context (stores/clock.ts, processors/chance.ts, config/)`);
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
