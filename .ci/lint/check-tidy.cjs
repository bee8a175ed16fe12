/** Limits files to 250 lines and functions to 70, except generated ones. A suite of tests is a list, not a function. */
const { readFileSync } = require("node:fs");
const { projectFiles } = require("./project-files.cjs");
const { parse, walk } = require("./source-text.cjs");

const most = { file: 250, function: 70 };

const isGenerated = (path) => /(^|\/)generated\.ts$/.test(path);
const isSuite = (parents) => {
  const [call] = parents;
  const callee = call?.type === "CallExpression" ? call.callee : undefined;
  const name = callee?.type === "Identifier" ? callee.value : (callee?.object?.value ?? callee?.callee?.object?.value);
  return name === "describe";
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
    if (isSuite(parents) || span.end - span.start < most.function) return;
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
