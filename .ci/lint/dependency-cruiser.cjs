const { folders, homes, layers } = require("./folders.cjs");

const escaped = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
const anyOf = (names) => `^(${names.join("|")})/`;

/** Patterns of all allowed imports: from the same folder, other folders, Node.js and npm. */
const listed = (name, { imports = [], builtins = [], libraries = [] }) => [
  `^${name}/`,
  // paths that are not built yet, such as dist/, are not resolved
  ...imports.map((path) => `^(\\.\\./)*${escaped(path)}`),
  ...(builtins.length > 0 ? [`^(node:)?(${builtins.map(escaped).join("|")})$`] : []),
  // a library with only types is not resolved, because the resolver finds no file
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
      // the exception has only types, which the resolver does not search for
      to: { dependencyTypes: ["npm-no-pkg", "unknown"], pathNot: "^@eslint-community/regexpp/ast$" },
    },
  ],
  options: {
    parser: "swc",
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    // the page is JSX, which this parser cannot read: check-source.cjs checks its imports
    doNotFollow: { path: "(^|/)(node_modules|dist|bin|console)/" },
    exclude: { path: "^node_modules/.cache/" },
    enhancedResolveOptions: {
      extensions: [".ts", ".tsx", ".mts", ".js"],
      exportsFields: ["exports"],
      conditionNames: ["import", "node", "default", "types"],
    },
  },
};
