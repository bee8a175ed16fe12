import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const folders = ["processors", "channels", "schemas", "sinks/routing"];

/** Tested under another, more descriptive name. */
const elsewhere: Readonly<Record<string, string>> = {
  "schemas/codec.ts": "test/properties/codec.test.ts",
  "schemas/generate.ts": "test/schemas/schemas.test.ts",
  "sinks/routing/seek-place.ts": "test/sinks/routing/routing-limits.test.ts",
};

/** Whether a file is hand-written and contains executable code. */
const isTested = (text: string): boolean => !text.startsWith("// Generated") && /^export (?:const|class|function|async)/m.test(text);

const files = folders.flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => `${folder}/${name}`)
    .filter((name) => isTested(readFileSync(join(root, name), "utf8"))),
);

it.each(files)("%s has its test at the mirrored path", (file) => {
  const test = elsewhere[file] ?? `test/${file.replace(/\.ts$/, ".test.ts")}`;
  expect(existsSync(join(root, test)), `write ${test}: plain values in, what it emits out`).toBe(true);
});
