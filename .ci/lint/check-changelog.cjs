/** A change that users can see needs an entry in CHANGELOG.md. Compares this tree with the commit that it branched from. */
const { existsSync, readdirSync, readFileSync } = require("node:fs");
const { baseCommit, git } = require("./base-commit.cjs");

const commitTree = (base) => ({
  files: git("ls-tree", "-r", "--name-only", base).split("\n").filter(Boolean),
  read: (path) => git("show", `${base}:${path}`),
});

const workTree = () => ({
  files: ["schemas", "cli", "http", "docs", "config", "sinks", "packages"]
    .filter((folder) => existsSync(folder))
    .flatMap((folder) =>
      readdirSync(folder, { recursive: true, encoding: "utf8" }).map((name) => `${folder}/${name}`.replaceAll("\\", "/")),
    )
    .concat("package.json", "CHANGELOG.md"),
  read: (path) => readFileSync(path, "utf8"),
});

const all = (text, pattern) => [...text.matchAll(pattern)].map(([, found]) => found);

/** A property that a schema describes for users: `name: durationMs("…")`, or one whose lines hold a `.describe(`. */
const describedKey = /^( +)(\w+):(?= (?:z\b.*(?:\n\1[ \])}].*)*?\.describe\(|[a-z]\w*\(\s*["`]))/gm;

/** The parts of a file that users can see, by name. */
const surfaces = [
  // keys with their defaults, variables, metrics, error codes, reasons and topics are generated into this page
  [/^docs\/reference\.md$/, (text) => all(text, /^\| (`[^`]+`(?: \| `[^`]*`)?)/gm).map((row) => `${row} in docs/reference.md`)],
  [
    /^schemas\/[^/]+\.avsc$/,
    (text) => {
      const { name, fields = [] } = JSON.parse(text);
      return fields.map((field) => `field ${name}.${field.name}`);
    },
  ],
  [
    /^cli\/.*\.ts$/,
    (text) => [
      ...all(text, /\.command\(\s*"([^"]+)"/g).map((name) => `command ${name.split(" ")[0]}`),
      ...all(text, /[oO]ption\(\s*"([^"]+)"/g).map((flags) => `option ${flags}`),
    ],
  ],
  [/^http\/.*\.ts$/, (text) => all(text, /["`](\/(?:v1|reports|sandbox|console\/api)\/[^"`\s$]*)/g).map((route) => `route ${route}`)],
  [
    /^(packages\/[^/]+\/)?package\.json$/,
    (text) => {
      const { name: from, exports = {} } = JSON.parse(text);
      return Object.keys(exports).map((name) => `export ${name}${from ? ` of ${from}` : ""}`);
    },
  ],
  // docs/reference.md has these keys only after npm run generate
  [
    /^(config|sinks\/providers)\/.*\.ts$/,
    (text) =>
      /from "zod"/.test(text) ? [...text.matchAll(describedKey)].map(([, , name]) => `key ${name} in a schema of the configuration`) : [],
  ],
];

/** Keys of several schemas can have one name: each further one gets a number. */
const numbered = (names) => {
  const counts = new Map();
  return names.map((name) => {
    if (!name.startsWith("key ")) return name;
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    return count === 1 ? name : `${name} (${count} of this name)`;
  });
};

const surfaceOf = ({ files, read }) =>
  new Set(
    numbered(
      files.flatMap((path) => {
        const [, namesIn] = surfaces.find(([pattern]) => pattern.test(path)) ?? [];
        return namesIn ? namesIn(read(path)) : [];
      }),
    ),
  );

const mostListed = 10;

/** The items of the changelog's lists, each on one line. */
const entriesOf = (text) => all(text, /^ *[-*] +(\S.*(?:\n +(?![-*] )\S.*)*)/gm).map((entry) => entry.replace(/\s+/g, " ").trim());

const hasNewEntry = (before, now) => {
  const old = new Set(before.files.includes("CHANGELOG.md") ? entriesOf(before.read("CHANGELOG.md")) : []);
  return existsSync("CHANGELOG.md") && entriesOf(now.read("CHANGELOG.md")).some((entry) => !old.has(entry));
};

const missingEntry = (base) => {
  const [before, now] = [commitTree(base), workTree()];
  if (hasNewEntry(before, now)) return [];
  const [old, current] = [surfaceOf(before), surfaceOf(now)];
  const added = [...current].filter((name) => !old.has(name)).map((name) => `new: ${name}`);
  const removed = [...old].filter((name) => !current.has(name)).map((name) => `gone: ${name}`);
  return [...added, ...removed];
};

const base = baseCommit();
if (base === undefined) process.stderr.write("CHANGELOG.md was not checked: there is no commit to compare with\n");
const changes = base === undefined ? [] : missingEntry(base);
if (changes.length > 0) {
  const listed = changes.slice(0, mostListed).map((change) => `  ${change}\n`);
  const more = changes.length > mostListed ? `  and ${changes.length - mostListed} more\n` : "";
  process.stderr.write(`CHANGELOG.md: users can see these changes, and no entry says what they can do now:\n${listed.join("")}${more}`);
}
process.exitCode = changes.length > 0 ? 1 : 0;
