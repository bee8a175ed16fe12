/**
 * Every top-level folder with source text: the layers in order, each of which may import the ones before it, then the folders on top.
 * `builtins` and `libraries` are all that a folder may import from Node.js and npm. `files` adds to that for one file, each with its
 * reason.
 */
const generator = { builtins: ["fs", "path", "url"], globals: ["process"], reason: "run by `npm run generate`, never by a service" };

/** `loads`: may load a module in another way than importing its literal name. */
const loader = { builtins: ["module"], loads: true, reason: "replaces a module of kafkajs, which only the require cache can" };

const realTime = { builtins: ["perf_hooks", "timers"], reason: "a test may replace the global timers" };

const threadModule = {
  loads: true,
  reason: "the module is the caller's: a thread can be given options that are functions by no other way",
};

const threadOfSystem = { builtins: ["fs", "path"], reason: "the number of a thread in the operating system is a link in /proc" };

const layers = {
  schemas: { pure: true, builtins: ["buffer"], libraries: ["avsc"], files: { "generate.ts": generator } },
  channels: { pure: true, libraries: ["libphonenumber-js", "tr46", "zod"], files: { "generate.ts": generator } },
  wire: {
    builtins: ["buffer", "fs", "http", "https", "net", "path", "stream", "tls", "url", "util", "zlib"],
    libraries: ["agent-base", "csv-parse", "http-proxy-agent", "ipaddr.js", "oauth4webapi", "undici"],
  },
  stores: {
    builtins: [
      ...["crypto", "events", "fs", "fs/promises", "http", "https", "net", "os"],
      ...["path", "timers/promises", "tls", "util", "worker_threads", "zlib"],
    ],
    libraries: [
      ...["@eslint-community/regexpp", "@kafkajs/confluent-schema-registry", "@platformatic/kafka", "avsc", "bullmq", "croner"],
      ...["fs-native-extensions", "fzstd", "ioredis", "kafkajs", "lmdb", "lz4-napi", "mingo", "mongodb", "snappyjs", "zod"],
    ],
    files: { "event-log/kafka/kafkajs-client/read-fetches.ts": loader, "stillness.ts": realTime },
  },
  client: { builtins: ["crypto"], libraries: ["uuid", "zod"], files: { "generate.ts": generator } },
  config: { builtins: ["crypto", "fs", "net", "os", "tls"], libraries: ["croner", "leven", "yaml", "zod"] },
  access: { builtins: ["crypto", "util"], libraries: ["jose", "zod"] },
  directory: { builtins: ["crypto", "fs/promises", "path"], libraries: ["csv-stringify", "zod"] },
  engine: { pure: true, builtins: ["diagnostics_channel"] },
  processors: { pure: true, libraries: ["liquidjs"] },
  sinks: {
    builtins: ["crypto", "dns", "events", "fs/promises", "http", "https", "net", "path", "tls", "util"],
    libraries: [
      ...["@aws-sdk/client-cloudwatch-logs", "@aws-sdk/client-ses", "@aws-sdk/client-sns", "@aws-sdk/client-sqs", "ipaddr.js"],
      ...["liquidjs", "nodemailer", "smpp", "undici", "zod"],
    ],
  },
  topology: { pure: true },
  sources: { builtins: ["crypto", "http", "zlib"], libraries: ["ipaddr.js", "zod"] },
  operations: {
    builtins: ["crypto", "fs", "fs/promises", "perf_hooks", "util", "v8"],
    libraries: [
      ...["@opentelemetry/api", "@opentelemetry/exporter-trace-otlp-http", "@opentelemetry/resources", "@opentelemetry/sdk-trace"],
      ...["pino", "prom-client", "uuid"],
    ],
  },
  reports: { libraries: ["@mongodb-js/shell-bson-parser", "bson", "csv-stringify", "hyparquet-writer", "zod"] },
  http: {
    builtins: ["crypto", "fs", "http", "net", "path", "stream", "zlib"],
    libraries: ["fastify", "ipaddr.js", "openid-client", "uuid", "zod"],
  },
  service: {
    builtins: ["crypto", "os", "worker_threads"],
    libraries: ["zod"],
    files: { "threads/load-thread-module.ts": threadModule, "threads/thread-priority.ts": threadOfSystem },
  },
  cli: {
    builtins: ["crypto", "fs", "path", "readline", "stream", "zlib"],
    libraries: ["commander", "picocolors", "zod"],
  },
};

const everyLayer = Object.keys(layers).map((name) => `${name}/`);

/** The folders on top of the layers, independent of each other. `imports` are prefixes of paths. */
const tops = {
  console: {
    imports: [
      "access/public-key.ts",
      "access/scopes.ts",
      "directory/views.ts",
      "engine/describe.ts",
      "http/console/views.ts",
      "http/contract/list.ts",
      "http/work/work-line.ts",
      "operations/message-view.ts",
      "operations/tenants/audit-desk.ts",
      "operations/tenants/key-desk.ts",
      "operations/tenants/provider-desk.ts",
      "operations/tenants/route-desk.ts",
      "operations/tenants/settings-desk.ts",
      "operations/tenants/tenant-desk.ts",
      "operations/tenants/token-key-desk.ts",
      "reports/summary.ts",
      "reports/usage.ts",
      "sinks/outbox.ts",
      "stores/directory/directory.ts",
    ],
    libraries: ["@dagrejs/dagre", "@mantine/core", "@mantine/hooks", "@tabler/icons-react", "react", "react-dom", "uplot"],
  },
  docs: { imports: everyLayer, builtins: ["child_process", "fs", "url"], libraries: ["yaml", "zod"] },
  // by the names of the packages, which tsconfig.json leads to their sources
  examples: {
    imports: ["channels/index.ts", "client/index.ts", "service/index.ts", "service/testing.ts", "cli/index.ts", "dist/"],
    builtins: ["assert/strict", "fs", "fs/promises", "os", "path", "url"],
  },
  bench: {
    imports: [...everyLayer, "docs/wrap-text", "test/"],
    builtins: [
      ...["child_process", "crypto", "events", "fs", "fs/promises", "http", "module", "net", "os"],
      ...["path", "readline", "url", "util"],
    ],
    libraries: ["bullmq", "commander", "ioredis", "kafkajs", "mongodb", "picocolors", "undici", "yaml"],
  },
};

/** Folders with unrestricted imports: tests may import everything, and the scripts of `bin/` run before anything is built. */
const free = ["bin", "test"];

const folders = Object.fromEntries([
  ...Object.entries(layers).map(([name, entry], index) => [name, { ...entry, imports: everyLayer.slice(0, index) }]),
  ...Object.entries(tops),
]);

/** Client libraries, and the only folders that may import them, which is narrower than their layer. */
const homes = [
  ["^(kafkajs|@platformatic/kafka)$", ["stores/event-log/kafka"]],
  ["^@kafkajs/confluent-schema-registry$", ["stores/schema-registry"]],
  ["^ioredis$", ["stores/redis", "stores/timers"]],
  ["^bullmq$", ["stores/jobs"]],
  [
    "^mongodb$",
    [
      "stores/lineage-store/mongo",
      "stores/mongo",
      "stores/directory/mongo",
      "stores/subscriptions/mongo",
      "stores/tenants/mongo",
      "stores/audit/mongo",
    ],
  ],
  ["^mingo", ["stores/lineage-store/query"]],
  ["^lmdb$", ["stores"]],
  ["^(fastify|@fastify/.*)$", ["http"]],
  ["^(nodemailer|smpp|@aws-sdk/.*)$", ["sinks/providers"]],
  ["^undici$", ["wire", "sinks"]],
  ["^(pino|prom-client|@opentelemetry/.*)$", ["operations/telemetry"]],
  ["^commander$", ["cli"]],
  ["^avsc$", ["schemas", "stores/schema-registry"]],
];

/** The only values that a pure layer may import from an impure one: their results depend only on their arguments. */
const lent = {
  "directory/next-step": ["meets", "nextStep"],
  "stores/keys": ["keys"],
  "stores/start-deadline": ["startDeadline"],
  "stores/virtual-clock": ["checkAdvance"],
  "client/accepted-header": ["acceptedHeader"],
  "client/check-content": ["checkContent"],
  "client/check-message": ["checkStored"],
  "client/complete-message": ["idFromKey", "traceparentOf"],
  "client/content-digest": ["contentDigest", "digestOf"],
  "client/instant": ["isInstant"],
  "client/recipient-input": ["conditions"],
  "client/times": ["latestExpiry", "noTimes"],
  "client/trace-context": ["parseTraceContext"],
  "client/variables": ["joinVariables"],
  "client/well-formed": ["isWellFormed", "toWellFormed"],
};

module.exports = { lent, folders, layers: Object.keys(layers), free, homes };
