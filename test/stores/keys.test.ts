import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { keys, messageTimers } from "../../stores/keys.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const sources = execFileSync("git", ["ls-files", "*.ts"], { cwd: root, encoding: "utf8" })
  .split("\n")
  .filter((path) =>
    /^(channels|client|config|engine|processors|sinks|topology|sources|operations|reports|http|service|cli|stores)\//.test(path),
  );

const samples = Object.entries(keys).flatMap(([kind, group]) =>
  Object.entries(group).map(([name, key]) => {
    // the variable parts of a key come after its prefix
    const [, prefix = key] = typeof key === "string" ? [] : (/`([a-z-]+:)/.exec(key.toString()) ?? []);
    return [`${kind}.${name}`, prefix] as const;
  }),
);

it.each(samples)("%s is spelled in one file alone", (_name, prefix) => {
  expect(prefix).toBeTypeOf("string");
  const spelled = (path: string): boolean => {
    const text = readFileSync(`${root}/${path}`, "utf8");
    return String(prefix).endsWith(":")
      ? text.includes(`\`${prefix}\${`) || text.includes(`"${prefix}"`)
      : new RegExp(`(const group =|cells\\.\\w+\\()\\s*"${prefix}"`).test(text);
  };
  const allowed = ["stores/keys.ts"];
  expect(sources.filter(spelled).filter((path) => !allowed.includes(path))).toEqual([]);
});

it("no two kinds of claims, timers or buckets share a prefix", () => {
  const prefixes = samples.filter(([name]) => !name.startsWith("cells.")).map(([, prefix]) => prefix);
  expect(new Set(prefixes).size).toBe(prefixes.length);
});

it("an erasure finds each timer of a message and of one attempt more", () => {
  expect(messageTimers("m", 1)).toEqual(expect.arrayContaining(["start:m", "retry:m:2", "deadline:m:1", "again:m:1", "again:m:2"]));
});
