/** Which folder may import which: each those before it, never one after it. */
const layers = [
  "schemas",
  "channels",
  "wire",
  "stores",
  "client",
  "config",
  "engine",
  "processors",
  "sinks",
  "topology",
  "sources",
  "operations",
  "reports",
  "http",
  "service",
  "cli",
];

/** Folders that no other may import: what lies on top of the layers, beside each other. */
const tops = ["bench", "console", "docs", "examples", "test"];

/** Client libraries, and the only folders that may import them. */
const libraries = [
  ["^(kafkajs|@platformatic/kafka)$", ["stores/event-log/kafka"]],
  ["^@kafkajs/confluent-schema-registry$", ["stores/schema-registry"]],
  ["^ioredis$", ["stores/redis", "stores/timers"]],
  ["^bullmq$", ["stores/jobs"]],
  ["^mongodb$", ["stores/lineage-store/mongo"]],
  ["^mingo", ["stores/lineage-store/query"]],
  ["^lmdb$", ["stores"]],
  ["^(fastify|@fastify/.*)$", ["http"]],
  ["^(nodemailer|smpp|@aws-sdk/.*)$", ["sinks/providers"]],
  ["^undici$", ["wire", "sinks"]],
  ["^(pino|prom-client|@opentelemetry/.*)$", ["operations/telemetry"]],
  ["^commander$", ["cli"]],
  ["^avsc$", ["schemas", "stores/schema-registry"]],
];

const folder = (name) => `^${name}/`;
const anyOf = (names) => `^(${names.join("|")})/`;

module.exports = {
  forbidden: [
    ...layers.slice(0, -1).map((layer, index) => ({
      name: `${layer}-imports-none-above`,
      comment: `${layer}/ is below ${layers.slice(index + 1).join(", ")}: pass what it needs as an argument, or move what it needs down`,
      severity: "error",
      from: { path: folder(layer) },
      to: { path: anyOf([...layers.slice(index + 1), ...tops]) },
    })),
    ...tops
      .filter((top) => top !== "test")
      .map((top) => ({
        name: `${top}-is-imported-by-none`,
        comment: `${top}/ lies on top`,
        severity: "error",
        from: { path: anyOf([...layers, ...tops]), pathNot: `^(${top}|test)/` },
        to: { path: folder(top) },
      })),
    ...libraries.map(([library, folders]) => ({
      name: `library-${library.replace(/[^a-z]+/g, "-").replace(/^-|-$/g, "")}`,
      comment: `only ${folders.join(", ")} may import it: go through the port there`,
      severity: "error",
      from: { path: anyOf(layers), pathNot: anyOf(folders) },
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
    doNotFollow: { path: "node_modules" },
    exclude: { path: "^(dist|node_modules/.cache)/" },
    enhancedResolveOptions: {
      extensions: [".ts", ".tsx", ".js"],
      exportsFields: ["exports"],
      conditionNames: ["import", "node", "default", "types"],
    },
  },
};
