import type { ErrorTable, ProviderDefinition } from "../sinks/providers/definition.js";
import { providerDefinitions } from "../sinks/providers/registry.js";
import { duties, type NamedTest, providerTests } from "./provider-tests.js";
import { wrapPage } from "./wrap-page.js";

/** The generated part of docs/providers.md: the tests of each provider, and what its codes and states mean. */

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
      const own = duties.flatMap((duty) => tests.filter((test) => test.provider === type && test.duty === duty));
      return `**\`${type}\`**: ${doc}.\n\n${own.map(({ duty, name }) => `- ${duty}: ${name}`).join("\n")}`;
    })
    .join("\n\n");

const upperFirst = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;

const errorRows = ({ of, source, meanings }: ErrorTable): string =>
  [
    `${upperFirst(of)}. Source: ${source}.`,
    "",
    "| code | outcome | reason |",
    "| --- | --- | --- |",
    ...Object.entries(meanings).map(([code, { kind, reason }]) => `| \`${code}\` | ${kind} | \`${reason}\` |`),
  ].join("\n");

const meanings = (definitions: readonly ProviderDefinition[]): string =>
  definitions
    .map(({ type, errors, states }) => {
      const receipts = states
        ? [
            `States in receipts. Source: ${states.source}.`,
            "",
            "| state | event | reason |",
            "| --- | --- | --- |",
            ...Object.entries(states.meanings).map(
              ([state, { event, reason }]) => `| \`${state}\` | ${event} | ${reason ? `\`${reason}\`` : ""} |`,
            ),
          ].join("\n")
        : undefined;
      return [`### ${type}`, ...errors.map(errorRows), ...(receipts === undefined ? [] : [receipts])].join("\n\n");
    })
    .join("\n\n");

export const providersPart = (): string => {
  const definitions = providerDefinitions.filter(({ type }) => type !== "sandbox");
  const tests = providerTests();
  const lines = [
    "## Tests of each provider",
    "",
    "The table shows how many tests each duty of a provider has, with links to their files. The tests are listed below it. " +
      "A dash means that the provider does not offer the feature.",
    "",
    coverage(definitions, tests),
    "",
    names(definitions, tests),
    "",
    "## Codes and states of each provider",
    "",
    "The tables map each code of a provider to the outcome of the call, and each state in a receipt to an event.",
    "",
    meanings(definitions),
    "",
  ];
  return wrapPage(lines.join("\n"));
};
