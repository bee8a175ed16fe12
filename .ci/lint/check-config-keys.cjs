/** Configuration keys that documentation names in text and in YAML samples have to be in docs/reference.md, which lists all of them. */
const { readFileSync } = require("node:fs");
const { parseDocument } = require("yaml");
const { projectFiles } = require("./project-files.cjs");

const reference = readFileSync("docs/reference.md", "utf8");
const sectionOf = (title) => reference.split(new RegExp(`^#+ ${title}$`, "m"))[1] ?? "";
const rowsOf = (text) => [...text.matchAll(/^\| `([A-Za-z][\w.<>*-]*)` \|(?: `([^|]*)`)?/gm)].map(([, key, preset]) => ({ key, preset }));

const rows = rowsOf(sectionOf("Configuration").split(/^## /m)[0]).filter(({ key }) => !key.startsWith("CARILLON_"));
const retryKeys = rowsOf(sectionOf("Retry keys").split(/^##/m)[0]).map(({ key }) => key);

/** Keys as a tree. The children of `isOpen` are not listed: entries of a map or a list, or an option that is null. */
const createNode = () => ({ children: new Map(), isOpen: false });
const root = createNode();
const add = (path, isOpen) => {
  let node = root;
  for (const name of path) {
    if (!node.children.has(name)) node.children.set(name, createNode());
    node = node.children.get(name);
  }
  node.isOpen ||= isOpen;
};
for (const { key, preset = "" } of rows) {
  const path = key.split(".");
  if (path.at(-1) === "*") for (const name of retryKeys) add([...path.slice(0, -1), name], false);
  else add(path, /^(\{|\[|null$)/.test(preset));
}
const topKeys = new Set(rows.filter(({ key }) => !retryKeys.includes(key) || key.includes(".")).map(({ key }) => key.split(".")[0]));
const providers = root.children.get("providers")?.children ?? new Map();

const isPlaceholder = (name) => /^(<.+>|\*|…)$/.test(name);

/** The nodes under a name. A provider has the keys of its type and those of all providers; one with another name can be of any type. */
const under = (node, name) => {
  if (isPlaceholder(name)) return [...node.children.values()];
  const own = node.children.get(name);
  if (node.children !== providers) return own ? [own] : [];
  return own ? [own, providers.get("<name>")].filter(Boolean) : [...providers.values()];
};

const isKnown = (path) => {
  let nodes = [root];
  for (const name of path) {
    if (nodes.some(({ isOpen }) => isOpen)) return true;
    nodes = nodes.flatMap((node) => under(node, name));
  }
  return nodes.length > 0;
};

const isFile = (words) => /\.(ts|js|ya?ml|md|json|avsc|svg|png|txt|html|csv|pem|log)$/.test(words) || words.includes("/");

/** A key in a text: `a.b.c`, and `a.b: value`. */
const keyIn = (words) => {
  const found = /^([a-zA-Z]+(?:\.(?:[A-Za-z0-9_-]+|<[a-z ]+>|\*|…)(?:\[\])?)+)(?::.*)?$/.exec(words)?.[1];
  return found && topKeys.has(found.split(".")[0]) && !isFile(found) ? found : undefined;
};

const lineAt = (text, offset) => text.slice(0, offset).split("\n").length;

const textProblems = (path, text) =>
  [...text.replace(/^\s*```[\s\S]*?```/gm, (code) => code.replace(/[^\n]/g, " ")).matchAll(/`([^`\n]+)`/g)].flatMap((found) => {
    const key = keyIn(found[1]);
    return key && !isKnown(key.replaceAll("[]", "").split("."))
      ? [`${path}:${lineAt(text, found.index)}: ${key} is no configuration key`]
      : [];
  });

/** Every key of a mapping that is unknown, with its offset. */
const unknownIn = (node, path) =>
  (node?.items ?? []).flatMap(({ key, value }) => {
    if (key === undefined || key === null) return []; // an entry of a list
    const own = [...path, String(key.value ?? key)];
    if (!isKnown(own)) return [{ path: own, offset: key.range?.[0] ?? 0 }];
    return value?.items ? unknownIn(value, own) : [];
  });

const sampleProblems = (path, text) =>
  [...text.matchAll(/^( *)```ya?ml\n([\s\S]*?)^ *```/gm)].flatMap((found) => {
    const [, , sample] = found;
    const start = lineAt(text, found.index) + 1;
    const document = parseDocument(sample);
    if (document.errors.length > 0) return [`${path}:${start}: invalid YAML: ${document.errors[0].message.split("\n")[0]}`];
    const names = (document.contents?.items ?? []).map(({ key }) => String(key?.value ?? ""));
    // values of Helm, alert rules and files of other programs have other keys
    if (!names.some((name) => topKeys.has(name)) || names.some((name) => /^(apiVersion|kind|services|config)$/.test(name))) return [];
    return unknownIn(document.contents, []).map(
      ({ path: key, offset }) => `${path}:${start + lineAt(sample, offset) - 1}: ${key.join(".")} is no configuration key`,
    );
  });

const given = process.argv.slice(2);
const isPage = (path) => /\.md$/.test(path) && !/(^|\/)node_modules\//.test(path) && path !== "CHANGELOG.md";
const problems = (given.length > 0 ? given : projectFiles()).filter(isPage).flatMap((path) => {
  const text = readFileSync(path, "utf8");
  return [...textProblems(path, text), ...sampleProblems(path, text)];
});
if (rows.length === 0) problems.push("docs/reference.md: has no configuration keys: run npm run generate");
for (const problem of problems) process.stderr.write(`${problem}\n`);
if (problems.length > 0)
  process.stderr.write(`${problems.length} key${problems.length === 1 ? "" : "s"}: docs/reference.md lists all of them\n`);
process.exitCode = problems.length > 0 ? 1 : 0;
