// Bundles the command line and its worker threads into dist/bundle: otherwise a command would spend most of its time loading hundreds of
// small files.
import { readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { externalsOf, nodeBundle } from "./node-bundle.js";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, "dist");
const { dependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

/**
 * Plain JavaScript packages that nearly every command loads. The others are not bundled: client libraries, binaries, and packages that few
 * commands load.
 */
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
  ...nodeBundle,
  entryPoints: ["cli/main.js", "service/threads/queue-thread.js", "stores/lineage-store/lmdb/lineage-worker.js"].map((file) =>
    join(dist, file),
  ),
  outdir: join(dist, "bundle"),
  outbase: dist,
  external: externalsOf(Object.keys(dependencies).filter((name) => !inside.has(name))),
});
