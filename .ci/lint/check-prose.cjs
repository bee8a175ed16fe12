/** Checks documentation, comments, messages, YAML, Helm templates and commit titles against the word list, and documentation for short sentences and lines. */
const { readFileSync } = require("node:fs");
const { baseCommit, git } = require("./base-commit.cjs");
const { projectFiles } = require("./project-files.cjs");
const { parse, walk } = require("./source-text.cjs");
const words = require("./prose-words.cjs");

const mostColumns = 120;
const mostSentenceWords = 40;
const mostTitleCharacters = 72;

/** Generated files, released files, and files with another project's text. */
const exempt = /(^|\/)(generated\.ts$|released\/|golden\/)|^(LICENSE|package-lock\.json)|prose-words\.cjs$|check-prose\.cjs$/;

const problemsIn = (text) =>
  words.flatMap(([pattern, instead]) => (pattern.test(text) ? [`"${pattern.exec(text)[0]}": write ${instead}`] : []));

/** Markdown without code, link targets and HTML comments. Line numbers stay the same. */
const proseLines = (text) => {
  let isCode = false;
  return text.split("\n").map((line) => {
    if (/^\s*(```|~~~)/.test(line)) isCode = !isCode;
    if (isCode || /^\s*(```|~~~)/.test(line)) return "";
    return line
      .replace(/<!--.*?-->/g, "")
      .replace(/`[^`]*`/g, "`…`")
      .replace(/\]\([^)]*\)/g, "]");
  });
};

const isTable = (line) => /^\s*\|/.test(line);
const isUnbreakable = (line) =>
  isTable(line) || /^\s*!?\[[^\]]*\]\([^)]*\)[.,]?$/.test(line.trim()) || !/\S\s+\S/.test(line.trim().slice(0, mostColumns));

/** Splits paragraphs and list items at the ends of sentences and lines. Each part has its line. */
const blocksOf = (lines) => {
  const blocks = [[]];
  for (const [index, line] of lines.entries()) {
    if (line.trim() === "" || isTable(line) || /^\s*([-*#>]|\d+\.)\s/.test(line)) blocks.push([]);
    if (line.trim() === "" || isTable(line)) continue;
    blocks.at(-1).push(...line.split(/(?<=[.!?:;])\s+/).map((part) => ({ part, index })));
  }
  return blocks;
};

/** Sentences, each with its first line. */
const sentencesOf = (lines) =>
  blocksOf(lines).flatMap((parts) => {
    const sentences = [];
    let isOpen = false;
    for (const { part, index } of parts) {
      if (isOpen) sentences.at(-1)[0] += ` ${part}`;
      else sentences.push([part, index]);
      isOpen = !/[.!?:;]$/.test(part);
    }
    return sentences;
  });

/** Problems of words that begin on one line of a paragraph and end on the next one. */
const problemsAcross = (line, next) => {
  if (line.trim() === "" || isTable(line) || isTable(next) || /^\s*(#|[-*] |\d+\. |$)/.test(next) || /^\s*#/.test(line)) return [];
  const [first, second] = [line.trimEnd(), next.replace(/^[\s>]+/, "")];
  const alone = new Set([first, second].flatMap(problemsIn));
  return problemsIn(`${first} ${second}`).filter((problem) => !alone.has(problem));
};

const checkMarkdown = (path, text) => {
  const lines = proseLines(text);
  const raw = text.split("\n");
  const problems = lines.flatMap((line, index) =>
    [...problemsIn(line), ...problemsAcross(line, lines[index + 1] ?? "")].map((problem) => `${path}:${index + 1}: ${problem}`),
  );
  const isCode = (index) => lines[index] === "" && raw[index] !== "";
  for (const [index, line] of raw.entries())
    if (line.length > mostColumns && !isCode(index) && !isUnbreakable(line))
      problems.push(`${path}:${index + 1}: has ${line.length} columns: wrap it at ${mostColumns}`);
  for (const [sentence, index] of sentencesOf(lines)) {
    const count = sentence.split(/\s+/).length;
    if (count > mostSentenceWords) problems.push(`${path}:${index + 1}: a sentence of ${count} words: write two, at most about 25 each`);
  }
  return problems;
};

/** A literal with at least this many words is a sentence for users, not a name. */
const leastWords = 3;
const isSentence = (text) => text.trim().split(/\s+/).length >= leastWords;
/** A list or a mapping in YAML, not a text. */
const isFlow = (text) => /^\s*(?:[\w.$-]+:\s*)?[[{]/.test(text);

/** The text of YAML and of Helm's templates for readers: comments, quoted texts and long values. Actions are left out. */
const checkYaml = (path, text) => {
  const checked = text.replace(/\{\{-?\s*\/\*([\s\S]*?)\*\/\s*-?\}\}/g, (_, comment) => comment.replace(/^(?!\s*$)/gm, "# "));
  return checked.split("\n").flatMap((line, index) => {
    const comment = /(?:^|\s)#\s(.*)$/.exec(line)?.[1] ?? "";
    const rest = line.replace(/(?:^|\s)#\s.*$/, "");
    const quoted = [...rest.matchAll(/"([^"]*)"/g)].map(([, words]) => words);
    const value = rest.replace(/\{\{.*?\}\}/g, "…").replace(/^\s*(?:- )?[\w.$-]+:\s/, "");
    const found = new Set([comment, ...[...quoted, ...(isFlow(value) ? [] : [value])].filter(isSentence)].flatMap(problemsIn));
    return [...found].map((problem) => `${path}:${index + 1}: ${problem}`);
  });
};

const lineOf = (text, offset) => text.slice(0, offset).split("\n").length;

/** Comments. Adjacent lines of `//` are one comment. */
const comments = /(?<=^|\s)\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/ .*(?:\n\s*\/\/ .*)*$/gm;
const joined = (comment) => comment.replace(/\s*\n\s*(?:\*(?!\/)|\/\/)?\s*/g, " ");
const literalsOf = (path) => {
  const literals = [];
  walk(parse(path).program, (node, _, isType) => {
    if (isType) return;
    if (node.type === "StringLiteral" || node.type === "JSXText") literals.push(node.value);
    if (node.type === "TemplateElement") literals.push(node.cooked ?? "");
  });
  return literals.filter(isSentence);
};

const checkSource = (path, text) => {
  const problems = [...text.matchAll(comments)].flatMap((found) =>
    problemsIn(joined(found[0])).map((problem) => `${path}:${lineOf(text, found.index)}: ${problem}`),
  );
  // tests quote inputs and outputs, whose wording is checked at their source
  if (path.startsWith("test/")) return problems;
  for (const literal of literalsOf(path))
    for (const problem of problemsIn(joined(literal))) problems.push(`${path}: in "${literal.slice(0, 60)}": ${problem}`);
  return problems;
};

/** Titles of the commits of a change. */
const newTitles = () => {
  const base = baseCommit();
  return base === undefined ? [] : git("log", "--format=%s", `${base}..HEAD`).split("\n").filter(Boolean);
};

const checkTitle = (title) => [
  ...(title.length > mostTitleCharacters ? [`commit "${title}": has ${title.length} characters, at most ${mostTitleCharacters}`] : []),
  ...problemsIn(title).map((problem) => `commit "${title}": ${problem}`),
];

const given = process.argv.slice(2);
const files = (given.length > 0 ? given : projectFiles()).filter((path) => !exempt.test(path));
const problems = files.flatMap((path) => {
  if (/\.md$/.test(path)) return checkMarkdown(path, readFileSync(path, "utf8"));
  if (/\.(ya?ml|tpl)$|^helm\/.*\.txt$/.test(path)) return checkYaml(path, readFileSync(path, "utf8"));
  return /\.[cm]?[jt]sx?$/.test(path) ? checkSource(path, readFileSync(path, "utf8")) : [];
});
if (given.length === 0) problems.push(...newTitles().flatMap(checkTitle));
for (const problem of problems) process.stderr.write(`${problem}\n`);
if (problems.length > 0)
  process.stderr.write(`${problems.length} place${problems.length === 1 ? "" : "s"}: see CONTRIBUTING.md, English\n`);
process.exitCode = problems.length > 0 ? 1 : 0;
