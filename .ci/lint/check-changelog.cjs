/** A change that users can see needs an entry in CHANGELOG.md. Compares this tree with the commit that it branched from. */
const { readdirSync, readFileSync } = require("node:fs");
const { baseCommit, git } = require("./base-commit.cjs");

const commitTree = (base) => ({
  files: git("ls-tree", "-r", "--name-only", base).split("\n").filter(Boolean),
  read: (path) => git("show", `${base}:${path}`),
});

const workTree = () => ({
  files: ["schemas", "cli", "http", "docs"]
    .flatMap((folder) =>
      readdirSync(folder, { recursive: true, encoding: "utf8" }).map((name) => `${folder}/${name}`.replaceAll("\\", "/")),
    )
    .concat("package.json", "CHANGELOG.md"),
  read: (path) => readFileSync(path, "utf8"),
});

const all = (text, pattern) => [...text.matchAll(pattern)].map(([, found]) => found);

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
  [/^package\.json$/, (text) => Object.keys(JSON.parse(text).exports ?? {}).map((name) => `export ${name}`)],
];

const surfaceOf = ({ files, read }) =>
  new Set(
    files.flatMap((path) => {
      const [, namesIn] = surfaces.find(([pattern]) => pattern.test(path)) ?? [];
      return namesIn ? namesIn(read(path)) : [];
    }),
  );

const mostListed = 10;

const missingEntry = (base) => {
  const [before, now] = [commitTree(base), workTree()];
  if (before.files.includes("CHANGELOG.md") && before.read("CHANGELOG.md") !== now.read("CHANGELOG.md")) return [];
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
