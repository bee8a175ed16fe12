import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { stringify } from "yaml";
import { rulesOf } from "../channels/rules-of.js";
import { environmentKeys } from "../config/environment-keys.js";
import { configJsonSchema, documentDefaults } from "../config/print-config.js";
import { describeAsMermaid, describeTopology, type TopologyDescription } from "../engine/describe.js";
import { diagnostics } from "../engine/diagnostics.js";
import { createMetrics } from "../operations/telemetry/metrics.js";
import { errorCodes } from "../schemas/errors.js";
import { reasons } from "../schemas/reasons.js";
import { channels } from "../schemas/vocabulary.js";
import { assemble } from "../service/assemble.js";
import { configSchema, loadConfig } from "../service/load-config.js";
import { createMemoryStores } from "../service/memory-stores.js";
import { sandboxBehaviours } from "../sinks/providers/sandbox.js";
import { systemClock } from "../stores/clock.js";
import { allDeliveryQueues } from "../topology/delivery-queues.js";
import { type Role, rolesOf } from "../topology/roles.js";
import { alertRules, runbook, runbookPage } from "./alerts.js";
import { commandLinePage } from "./command-line-page.js";
import { grafanaDashboard } from "./grafana.js";
import { helmValuesSchema } from "./helm-values.js";
import { withQueues } from "./helm-workers.js";
import { messagesPage } from "./messages-page.js";
import { providersPart } from "./providers-page.js";

/** Makes what the sources know already: config/default.yaml, docs/reference.md, the README's diagram. `npm run generate`. */

const root = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));

interface JsonSchema {
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
}

/** A text within a cell of a table. */
const cellOf = (text: string): string => text.replaceAll("|", "\\|");

const keysOf = (schema: JsonSchema, path = ""): string[] =>
  Object.entries(schema.properties ?? {}).flatMap(([name, inner]) => {
    const at = path ? `${path}.${name}` : name;
    if (inner.properties) return keysOf(inner, at);
    const preset = inner.default === undefined ? "" : `\`${JSON.stringify(inner.default)}\``;
    return [`| \`${at}\` | ${cellOf(preset)} | ${cellOf(inner.description ?? "")} |`];
  });

const metricRows = async (): Promise<string[]> =>
  (await createMetrics().registry.getMetricsAsJSON())
    .filter(({ name }) => !/_(nodejs|process)_/.test(name))
    .map(({ name, help, type }) => `| \`${name}\` | ${type} | ${help} |`);

const diagnosticRows = (): string[] =>
  Object.values(diagnostics).map(({ name, doc, fields }) => {
    const described = Object.entries(fields).map(([field, text]) => `\`${field}\`: ${text}`);
    return `| \`${name}\` | ${doc} | ${described.join("<br>")} |`;
  });

const topicRows = ({ topics }: TopologyDescription): string[] =>
  topics.map(({ name, record, members }) => `| \`carillon.${name}${members.length > 1 ? ".…" : ""}\` | ${members.length} | ${record} |`);

const upperFirst = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;

/** How a recipient of each channel asks the sandbox for a behaviour. */
const sandboxForms = `${upperFirst(channels.map((channel) => rulesOf(channel).sandbox.doc).join(", "))}.`;

const referenceOf = async (description: TopologyDescription): Promise<string> => `# Reference

Generated from the sources by \`npm run generate\`.

## Configuration

A YAML file named by \`--config\` or \`CARILLON_CONFIG\`; [config/default.yaml](../config/default.yaml) documents every key.
Unknown keys are refused; all mistakes are told at once, before any connection. Secrets are \`\${env:NAME}\` or \`\${file:PATH}\`,
which may stand for any other value too: a text, a number, true or false.
The cluster profile presets \`critical 12/6, high 8/4, normal 6/2, bulk 3/1\` partitions and consumers.

| variable | key |
| --- | --- |
${Object.entries(environmentKeys)
  .map(([name, { path }]) => `| \`${name}\` | \`${path.join(".")}\` |`)
  .join("\n")}

Other keys are set in the file alone, which takes any variable as \`\${env:NAME}\`. A variable that begins with \`CARILLON_\` and sets nothing is named by
\`carillon start\`, \`carillon config print\` and \`carillon doctor\`.

| key | default | what it is |
| --- | --- | --- |
${keysOf(configJsonSchema(configSchema)).join("\n")}

## Topics

| topic | how many | record |
| --- | --- | --- |
${topicRows(description).join("\n")}

Groups are named \`carillon.<sub-topology>.<topic>\`. The prefix is \`topics.prefix\`. Values are Avro in Confluent's wire format
(0, four bytes of schema id, Avro), subjects \`<topic>-value\`; the schemas lie in [schemas/](../schemas).

## Reasons

Why a message was not delivered, or not at once: a closed list.

| reason | meaning |
| --- | --- |
${Object.entries(reasons)
  .map(([reason, meaning]) => `| \`${reason}\` | ${meaning} |`)
  .join("\n")}

## Errors

| code | tried again | meaning |
| --- | --- | --- |
${Object.entries(errorCodes)
  .map(([code, { retryable, means }]) => `| \`${code}\` | ${retryable ? "yes" : "no"} | ${means} |`)
  .join("\n")}

## Metrics

| metric | type | what it is |
| --- | --- | --- |
${(await metricRows()).join("\n")}

## Diagnostics channels

Carillon publishes these events through \`node:diagnostics_channel\`. Its own metrics, traces and logs subscribe to them, and so can a program
that runs Carillon. Each event also has \`origin\`, an object that stands for one running Carillon. A subscriber that throws ends the process.

| channel | published when | fields |
| --- | --- | --- |
${diagnosticRows().join("\n")}

## Sandbox recipients

${sandboxForms}

| name | SMS ends in | a message for it |
| --- | --- | --- |
${Object.entries(sandboxBehaviours)
  .map(([name, { digits, does }]) => `| \`${name}\` | ${digits} | ${does} |`)
  .join("\n")}
`;

const providersMark = "<!-- generated from the sources and the tests by npm run generate -->";

const intoReadme = (diagram: string): void => {
  const path = root("README.md");
  const text = readFileSync(path, "utf8");
  writeFileSync(path, text.replace(/```mermaid\n[\s\S]*?```/, `\`\`\`mermaid\n${diagram}\`\`\``));
};

/** What the hand wrote stands above the mark. */
const intoProviders = (part: string): void => {
  const path = root("docs/providers.md");
  const text = readFileSync(path, "utf8");
  const end = text.indexOf(providersMark) + providersMark.length;
  writeFileSync(path, `${text.slice(0, end)}\n\n${part}`);
};

/** Between the marks of a page. */
const intoPage = (path: string, source: string, end: string, text: string): void => {
  const begin = `<!-- generated from ${source} by npm run generate -->`;
  const page = readFileSync(root(path), "utf8");
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`${path} has lost its marks: ${begin} … ${end}`);
  writeFileSync(root(path), `${page.slice(0, from)}${begin}\n\n${text}\n${page.slice(to)}`);
};

const config = loadConfig({ environment: {} });
const queues = allDeliveryQueues(config);

const commandsOf = (roles: readonly Role[]): string =>
  roles.map(({ name, run, does }) => `CARILLON_RUN='${run.join(",")}' carillon start # ${name}: ${does}`).join("\n");

const rolesPart = (): string => `Three processes, with one-time passwords in a process of their own:

\`\`\`sh
${commandsOf(rolesOf("small", queues))}
\`\`\`

A process for each sub-topology and lane, as the Helm chart runs them:

\`\`\`sh
${commandsOf(rolesOf("large", queues))}
\`\`\`
`;

const { graphs } = await assemble(config, createMemoryStores(systemClock), systemClock);
const [delivery] = graphs;
if (!delivery) throw new Error("there is no graph");
const description = describeTopology(delivery);
const defaults = documentDefaults(configSchema);
// a newer file would have everything built again
if (readFileSync(root("config/default.yaml"), "utf8") !== defaults) writeFileSync(root("config/default.yaml"), defaults);
writeFileSync(root("docs/reference.md"), await referenceOf(description));
writeFileSync(root("docs/messages.md"), messagesPage());
writeFileSync(root("docs/command-line.md"), await commandLinePage());
intoReadme(describeAsMermaid(description));
intoProviders(providersPart());
intoPage(runbookPage, "docs/alerts.ts", "<!-- /generated -->", runbook());
intoPage("docs/operating/scaling.md", "topology/roles.ts", "<!-- /generated roles -->", rolesPart());
writeFileSync(root("helm/grafana/carillon.json"), grafanaDashboard());
writeFileSync(root("helm/values.yaml"), withQueues(readFileSync(root("helm/values.yaml"), "utf8"), queues));
writeFileSync(root("helm/values.schema.json"), `${JSON.stringify(helmValuesSchema())}\n`);
writeFileSync(
  root("helm/prometheus/alerts.yaml"),
  `# Generated from docs/alerts.ts by npm run generate.\n${stringify(alertRules(), { lineWidth: 0 })}`,
);
