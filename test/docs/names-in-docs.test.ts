import { readdirSync, readFileSync } from "node:fs";
import { STATUS_CODES } from "node:http";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Command } from "commander";
import { describe, expect, it } from "vitest";
import { createProgram } from "../../cli/main.js";
import { configJsonSchema } from "../../config/print-config.js";
import { alerts } from "../../docs/alerts.js";
import { createMetrics } from "../../operations/telemetry/metrics.js";
import { configSchema } from "../../service/load-config.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const docs = readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" });
const pages = ["README.md", ...docs.flatMap((name) => (name.endsWith(".md") ? [`docs/${name}`] : []))];
const texts = new Map(pages.map((page) => [page, readFileSync(join(root, page), "utf8")]));

/** The text between backticks on each page. */
const quoted = [...texts].flatMap(([page, text]) =>
  [...text.replace(/```[\s\S]*?```/g, "").matchAll(/`([^`\n]+)`/g)].map(([, words = ""]) => [page, words] as const),
);

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
}

const config = configJsonSchema(configSchema) as Schema;

/** The parts of a schema under a name; a placeholder such as <name> or * matches any. */
const under = (schema: Schema, name: string): readonly Schema[] => {
  const branches = [...(schema.anyOf ?? []), ...(schema.oneOf ?? []), ...(schema.allOf ?? [])].flatMap((branch) => under(branch, name));
  const isPlaceholder = /^(<.+>|\*|…)$/.test(name);
  const own =
    schema.properties && (isPlaceholder ? Object.values(schema.properties) : [schema.properties[name]].flatMap((one) => one ?? []));
  const others = typeof schema.additionalProperties === "object" ? [schema.additionalProperties] : [];
  return [
    ...branches,
    ...(own ?? []),
    ...(own?.length && !isPlaceholder ? [] : others),
    ...(schema.items ? under(schema.items, name) : []),
  ];
};

const hasKey = (path: string): boolean => {
  let found: readonly Schema[] = [config];
  for (const name of path.replaceAll("[]", "").split(".")) found = found.flatMap((schema) => under(schema, name));
  return found.length > 0;
};

const topKeys = Object.keys(config.properties ?? {});
/** Files of sources and documents whose first part looks like a key. */
const isFile = (words: string): boolean => /\.(ts|js|ya?ml|md|json|avsc|svg|png|txt|html|csv|pem|log)$/.test(words) || words.includes("/");

/** A configuration key in a text: `a.b.c`, and `a.b: value`. */
const keyIn = (words: string): string | undefined => {
  const path = /^([a-zA-Z]+(?:\.(?:[A-Za-z0-9_-]+|<[a-z ]+>|\*|…)(?:\[\])?)+)(?::.*)?$/.exec(words)?.[1];
  return path && topKeys.includes(path.split(".")[0] ?? "") && !isFile(words) ? path : undefined;
};

const program = await createProgram();

const commandAt = (words: readonly string[]): { readonly command: Command; readonly rest: readonly string[] } => {
  let command: Command = program;
  let at = 0;
  for (; at < words.length; at += 1) {
    const next = command.commands.find((one) => one.name() === words[at]);
    if (!next) break;
    command = next;
  }
  return { command, rest: words.slice(at) };
};

/** Problems of a command line on a page. */
const faultsOf = (line: string): string[] => {
  const { command, rest } = commandAt(line.split(/\s+/));
  if (command.name() === "carillon") return rest[0] === undefined || rest[0].startsWith("-") ? [] : [`no command ${rest[0]}`];
  const options = new Set([...command.options, ...program.options].flatMap(({ long, short }) => [long, short]));
  return rest
    .filter((word) => /^--?[a-z]/.test(word) && !options.has(word.split("=")[0]) && word !== "--help")
    .map((word) => `no option ${word}`);
};

const commandLines = [...texts].flatMap(([page, text]) =>
  [...text.matchAll(/(?:^|`|\n|\$ )(?:npx )?carillon ([a-z][^`\n#|&>;]*)/g)].map(([, line = ""]) => [page, line.trim()] as const),
);

/** HTTP statuses that a text attributes to Carillon. Those of providers are excluded. */
const statusesIn = (text: string): string[] =>
  [...text.matchAll(/(?:answer(?:s|ed)?(?: with)?|\b(?:a|gets|with|is a|and|or)|\()\s+?`?([2-5]\d\d)`?(?=[\s,.:;)`]|$)|\(([2-5]\d\d)\)/gm)]
    .map(([, word, bracketed]) => word ?? bracketed ?? "")
    .filter((status) => status in STATUS_CODES);

/** Statuses of receivers and providers on a page. */
const ofOthers: Readonly<Record<string, readonly string[]>> = { "docs/providers.md": ["410"] };

describe("names in the documentation", () => {
  it("are keys that the configuration has", () => {
    const named = quoted.flatMap(([page, words]) => {
      const key = keyIn(words);
      return key ? [[page, key] as const] : [];
    });
    expect(named.length).toBeGreaterThan(50);
    expect(named.filter(([, key]) => !hasKey(key))).toEqual([]);
    expect(hasKey("providers.<name>.limit.perSecond")).toBe(false);
    expect(hasKey("providers.<name>.limits.perSecond")).toBe(true);
    expect(hasKey("channels.sms.retry.baseMs")).toBe(true);
    expect(hasKey("channels.fax.retry")).toBe(false);
  });

  it("are metrics that are exported", async () => {
    const exported = (await createMetrics().registry.getMetricsAsJSON()).map(({ name }) => name);
    const named = quoted.flatMap(([page, words]) => (words.match(/\bcarillon_[a-z_]+/g) ?? []).map((name) => [page, name] as const));
    const known = (name: string): boolean => exported.some((one) => name === one || name.replace(/_(bucket|count|sum)$/, "") === one);
    expect(named.length).toBeGreaterThan(10);
    expect(named.filter(([, name]) => !known(name))).toEqual([]);
  });

  it("are commands and options that the command line has", () => {
    expect(commandLines.length).toBeGreaterThan(40);
    expect(commandLines.flatMap(([page, line]) => faultsOf(line).map((fault) => `${page}: carillon ${line}: ${fault}`))).toEqual([]);
    expect(faultsOf("dead-letters redrive --nothing")).toEqual(["no option --nothing"]);
    expect(faultsOf("nothing")).toEqual(["no command nothing"]);
  });

  it("are statuses that a route answers", () => {
    const sources = ["http", "sources/callbacks"].flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
        .filter((name) => name.endsWith(".ts"))
        .map((name) => readFileSync(join(root, folder, name), "utf8")),
    );
    const answered = new Set(sources.flatMap((text) => [...text.matchAll(/(?<![\d_.])[2-5]\d\d(?![\d_.])/g)].map(([status]) => status)));
    expect(answered).toContain("429");
    expect(answered).not.toContain("418");
    const named = [...texts].flatMap(([page, text]) => statusesIn(text).map((status) => [page, status] as const));
    expect(named.length).toBeGreaterThan(10);
    expect(named.filter(([page, status]) => !answered.has(status) && !ofOthers[page]?.includes(status))).toEqual([]);
    expect(statusesIn("`POST /v1/messages` answers 418 while it brews; a 503 follows, with 409 naming it, and (451), on port 443")).toEqual(
      ["418", "503", "409", "451"],
    );
  });

  it("are alerts that there are", () => {
    const known = new Set(alerts.map(({ name }) => name));
    const named = [...texts].flatMap(([page, text]) =>
      [...text.matchAll(/\bCarillon[A-Z][A-Za-z]+/g)].map(([name]) => [page, name] as const),
    );
    expect(named.filter(([, name]) => !known.has(name))).toEqual([]);
  });
});
