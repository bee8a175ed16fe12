// Bundles the command line and its worker threads into dist/bundle: most of a command's time would go into loading hundreds of small files.
import { readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, "dist");
const { dependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

/** Plain JavaScript that nearly every command reads. The others stay as they are: client libraries, binaries, what is read by few. */
const inside = new Set([
  "@eslint-community/regexpp",
  "agent-base",
  "avsc",
  "commander",
  "croner",
  "csv-parse",
  "csv-stringify",
  "http-proxy-agent",
  "hyparquet-writer",
  "ipaddr.js",
  "libphonenumber-js",
  "liquidjs",
  "mingo",
  "picocolors",
  "proxy-agent-negotiate",
  "tr46",
  "undici",
  "uuid",
  "yaml",
  "zod",
]);

rmSync(join(dist, "bundle"), { recursive: true, force: true });
await build({
  entryPoints: ["cli/main.js", "service/threads/queue-thread.js", "stores/lineage-store/lmdb/lineage-worker.js"].map((file) =>
    join(dist, file),
  ),
  outdir: join(dist, "bundle"),
  outbase: dist,
  bundle: true,
  splitting: true,
  chunkNames: "parts/[name]-[hash]",
  platform: "node",
  target: "node20",
  format: "esm",
  keepNames: true,
  external: Object.keys(dependencies)
    .filter((name) => !inside.has(name))
    .flatMap((name) => [name, `${name}/*`]),
  // packages in the older form ask for Node's own modules by it
  banner: {
    js: 'import { createRequire as createRequireOfBundle } from "node:module";\nconst require = createRequireOfBundle(import.meta.url);',
  },
  logLevel: "warning",
});
