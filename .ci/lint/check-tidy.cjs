/** Limits files to 250 lines and functions to 70, except generated ones. A suite of tests is a list, so its length is not limited. */
const { readFileSync } = require("node:fs");
const { projectFiles } = require("./project-files.cjs");
const { parse, walk } = require("./source-text.cjs");

const most = { file: 250, function: 70 };

const isGenerated = (path) => /(^|\/)generated\.ts$/.test(path);

/** The name at the start of a callee: `it` for `it`, `it.each(…)` and `it.skipIf(…).each`. */
const firstName = (callee) => {
  const inner = callee && (callee.object ?? callee.callee ?? callee.tag);
  return inner ? firstName(inner) : callee?.value;
};

/** The names by which a file registers suites and tests. */
const registrarsOf = (program) =>
  new Set(
    program.body
      .filter(({ type, source }) => type === "ImportDeclaration" && source.value === "vitest")
      .flatMap(({ specifiers }) => specifiers.map(({ local }) => local.value))
      .filter((name) => ["describe", "it", "test"].includes(name)),
  );

/**
 * Whether a function is a suite: the callback of `describe`, or a function that registers a suite or a test in a statement of its own body,
 * as a conformance suite with parameters does. A nested function's registrations count for the nested function only.
 */
const isSuite = (node, parents, registrars) => {
  const registers = (call) => call?.type === "CallExpression" && registrars.has(firstName(call.callee));
  if (registers(parents[0]) && firstName(parents[0].callee) === "describe") return true;
  const { body } = node.function ?? node;
  return body?.stmts ? body.stmts.some(({ expression }) => registers(expression)) : registers(body);
};

const functionTypes = new Set([
  "ArrowFunctionExpression",
  "FunctionDeclaration",
  "FunctionExpression",
  "ClassMethod",
  "PrivateMethod",
  "MethodProperty",
]);

const problemsOf = (path) => {
  const bytes = readFileSync(path);
  const lineCount = bytes.toString().split("\n").length - 1;
  const problems = lineCount > most.file ? [`${path}: has ${lineCount} lines, at most ${most.file}: divide it by subject`] : [];
  const { program } = parse(path);
  const registrars = registrarsOf(program);
  // the parser counts positions across files
  const start = program.span.start - bytes.toString("latin1").search(/\S/);
  const lineAt = (position) => {
    let line = 1;
    for (let index = 0; index < position - start; index += 1) if (bytes[index] === 10) line += 1;
    return line;
  };
  walk(program, (node, parents) => {
    if (!functionTypes.has(node.type)) return;
    const span = node.span ?? node.function?.span;
    if (span.end - span.start < most.function || isSuite(node, parents, registrars)) return;
    const [begin, end] = [lineAt(span.start), lineAt(span.end)];
    if (end - begin + 1 > most.function)
      problems.push(`${path}:${begin}: a function of ${end - begin + 1} lines, at most ${most.function}: name its parts`);
  });
  return problems;
};

const given = process.argv.slice(2);
const files = given.length > 0 ? given : projectFiles();
const problems = files.filter((path) => /\.[cm]?[jt]sx?$/.test(path) && !isGenerated(path)).flatMap(problemsOf);
for (const problem of problems) process.stderr.write(`${problem}\n`);
process.exitCode = problems.length > 0 ? 1 : 0;
