import type { ErrorTable, ProviderDefinition } from "../sinks/providers/definition.js";
import { providerDefinitions } from "../sinks/providers/registry.js";
import { duties, type NamedTest, providerTests } from "./provider-tests.js";

/** The generated part of docs/providers.md: what each provider does, by its tests, and what its words mean. */

const cell = (tests: readonly NamedTest[]): string => {
  const [first] = tests;
  if (!first) return "–";
  const files = new Set(tests.map(({ file }) => file));
  return [...files].map((file) => `[${tests.filter((test) => test.file === file).length}](../${file})`).join(" ");
};

const coverage = (definitions: readonly ProviderDefinition[], tests: readonly NamedTest[]): string =>
  [
    `| provider | channel | ${duties.join(" | ")} |`,
    `| --- | --- | ${duties.map(() => "---").join(" | ")} |`,
    ...definitions.map(
      ({ type, channels }) =>
        `| \`${type}\` | ${channels.join(", ")} | ${duties.map((duty) => cell(tests.filter((test) => test.provider === type && test.duty === duty))).join(" | ")} |`,
    ),
  ].join("\n");

const names = (definitions: readonly ProviderDefinition[], tests: readonly NamedTest[]): string =>
  definitions
    .map(({ type, doc }) => {
      const own = tests.filter(({ provider }) => provider === type);
      return `**\`${type}\`**: ${doc}.\n\n${own.map(({ duty, name }) => `- ${duty}: ${name}`).join("\n")}`;
    })
    .join("\n\n");

const errorRows = ({ of, source, meanings }: ErrorTable): string =>
  [
    `${of[0]?.toUpperCase()}${of.slice(1)} (${source}):`,
    "",
    "| code | means | reason |",
    "| --- | --- | --- |",
    ...Object.entries(meanings).map(([code, { kind, reason }]) => `| \`${code}\` | ${kind} | \`${reason}\` |`),
  ].join("\n");

const meanings = (definitions: readonly ProviderDefinition[]): string =>
  definitions
    .map(({ type, errors, states }) => {
      const receipts = states
        ? [
            `\nStates that it reports (${states.source}):`,
            "",
            "| state | means | reason |",
            "| --- | --- | --- |",
            ...Object.entries(states.meanings).map(
              ([state, { event, reason }]) => `| \`${state}\` | ${event} | ${reason ? `\`${reason}\`` : ""} |`,
            ),
          ].join("\n")
        : "";
      return `### ${type}\n\n${errors.map(errorRows).join("\n\n")}\n${receipts}`;
    })
    .join("\n\n");

export const providersPart = (): string => {
  const definitions = providerDefinitions.filter(({ type }) => type !== "sandbox");
  const tests = providerTests();
  return [
    "## What each does, by its tests",
    "",
    "How many tests hold it, each by a name below; – where the provider offers nothing of the kind.",
    "",
    coverage(definitions, tests),
    "",
    names(definitions, tests),
    "",
    "## What their words mean",
    "",
    meanings(definitions),
    "",
  ].join("\n");
};
