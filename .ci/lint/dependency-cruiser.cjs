const { folders, homes, layers } = require("./folders.cjs");

const escaped = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
const anyOf = (names) => `^(${names.join("|")})/`;

/** Patterns of all that may be imported: of the own folder, of others, of Node and of npm. */
const listed = (name, { imports = [], builtins = [], libraries = [] }) => [
  `^${name}/`,
  // what is not built yet, such as dist/, stays as it is written
  ...imports.map((path) => `^(\\.\\./)*${escaped(path)}`),
  ...(builtins.length > 0 ? [`^(node:)?(${builtins.map(escaped).join("|")})$`] : []),
  // a library that has types alone stays as it is written, for the resolver finds no file
  ...(libraries.length > 0
    ? ["^", "(^|/)node_modules/", "^node_modules/@types/"].map((start) => `${start}(${libraries.map(escaped).join("|")})(/|$)`)
    : []),
];

const onlyListed = (rule, from, name, entry) => ({
  name: rule,
  comment: `see .ci/lint/folders.cjs: ${name}/ imports no other folder, library or builtin. Pass what it needs as an argument, or move what it needs down`,
  severity: "error",
  from,
  to: { pathNot: listed(name, entry) },
});

const rulesOf = ([name, entry]) => {
  const exceptions = Object.entries(entry.files ?? {}).map(([file, more]) => [`^${name}/${escaped(file)}$`, more]);
  return [
    onlyListed(
      `${name}-imports-only-listed`,
      { path: `^${name}/`, ...(exceptions.length > 0 ? { pathNot: exceptions.map(([path]) => path) } : {}) },
      name,
      entry,
    ),
    ...exceptions.map(([path, more]) =>
      onlyListed(`${name}-file-imports-only-listed`, { path }, name, {
        ...entry,
        builtins: [...(entry.builtins ?? []), ...(more.builtins ?? [])],
      }),
    ),
  ];
};

module.exports = {
  forbidden: [
    ...Object.entries(folders).flatMap(rulesOf),
    ...homes.map(([library, homesOfIt]) => ({
      name: `library-${library.replace(/[^a-z]+/g, "-").replace(/^-|-$/g, "")}`,
      comment: `only ${homesOfIt.join(", ")} may import it: go through the port there`,
      severity: "error",
      from: { path: anyOf(layers), pathNot: anyOf(homesOfIt) },
      to: {
        dependencyTypes: ["npm", "npm-dev", "npm-optional", "npm-peer"],
        path: `(^|/)node_modules/${library.replace(/^\^|\$$/g, "")}(/|$)`,
      },
    })),
    { name: "no-cycle", comment: "files that import each other, by value or by type", severity: "error", from: {}, to: { circular: true } },
    {
      name: "declared",
      comment: "a package that package.json does not name",
      severity: "error",
      from: { path: anyOf(layers) },
      // the exception has types alone, which the resolver does not look for
      to: { dependencyTypes: ["npm-no-pkg", "unknown"], pathNot: "^@eslint-community/regexpp/ast$" },
    },
  ],
  options: {
    parser: "swc",
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    // the page is JSX, which this parser does not read: check-source.cjs checks its imports
    doNotFollow: { path: "(^|/)(node_modules|dist|bin|console)/" },
    exclude: { path: "^node_modules/.cache/" },
    enhancedResolveOptions: {
      extensions: [".ts", ".tsx", ".js"],
      exportsFields: ["exports"],
      conditionNames: ["import", "node", "default", "types"],
    },
  },
};
