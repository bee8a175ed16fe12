import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { stringify } from "yaml";
import { rulesOf } from "../channels/rules-of.js";
import { environmentKeys } from "../config/environment-keys.js";
import { configJsonSchema, documentDefaults } from "../config/print-config.js";
import { describeAsMermaid, describeTopology, type TopologyDescription } from "../engine/describe.js";
import { diagnostics } from "../engine/diagnostics.js";
import { openApiText } from "../http/contract/openapi-route.js";
import { deliveryContracts } from "../http/contracts.js";
import { createMetrics } from "../operations/telemetry/metrics.js";
import { errorCodes } from "../schemas/errors.js";
import { reasons } from "../schemas/reasons.js";
import { channels } from "../schemas/vocabulary.js";
import { assemble } from "../service/assemble.js";
import { configSchema, loadConfig } from "../service/load-config.js";
import { createMemoryStores } from "../service/memory-stores.js";
import { sandboxBehaviors } from "../sinks/providers/sandbox.js";
import { systemClock } from "../stores/clock.js";
import { allDeliveryQueues } from "../topology/delivery-queues.js";
import { type Role, rolesOf } from "../topology/roles.js";
import { alertRules, runbook, runbookPage } from "./alerts.js";
import { commandLinePage } from "./command-line-page.js";
import { configurationTables } from "./configuration-tables.js";
import { grafanaDashboard } from "./grafana.js";
import { helmValuesSchema } from "./helm-values.js";
import { withQueues } from "./helm-workers.js";
import { messagesPage } from "./messages-page.js";
import { providersPart } from "./providers-page.js";
import { topicRows } from "./topic-rows.js";
import { wrapPage } from "./wrap-page.js";

/** Generates pages, and parts of pages, from the sources: config/default.yaml, docs/reference.md, the README's diagram. `npm run generate`. */

const root = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));

const metricRows = async (): Promise<string[]> =>
  (await createMetrics().registry.getMetricsAsJSON())
    .filter(({ name }) => !/_(nodejs|process)_/.test(name))
    .map(({ name, help, type }) => `| \`${name}\` | ${type} | ${help} |`);

const diagnosticRows = (): string[] =>
  Object.values(diagnostics).map(({ name, doc, fields }) => {
    const described = Object.entries(fields).map(([field, text]) => `\`${field}\`: ${text}`);
    return `| \`${name}\` | ${doc} | ${described.join("<br>")} |`;
  });

const upperFirst = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;

/** How the recipient of each channel selects a result of the sandbox. */
const sandboxForms = channels.map((channel) => rulesOf(channel).sandbox.doc).join(", ");

const { keys, retry, shared, providers } = configurationTables(configJsonSchema(configSchema));

const configurationPart = (): string => `## Configuration

Carillon reads a YAML file that \`--config\` or \`CARILLON_CONFIG\` names. [config/default.yaml](../config/default.yaml) lists the keys with
their defaults.

- Carillon rejects unknown keys. It reports all mistakes together, before it opens a connection.
- Write a secret as \`\${env:NAME}\` or \`\${file:PATH}\`. Any other text, number or boolean can be written the same way.
- The \`cluster\` profile has other defaults for the partitions and consumers of lanes: 12 and 6 for \`critical\`, 8 and 4 for \`high\`,
  6 and 2 for \`normal\`, 3 and 1 for \`bulk\`.

### Environment variables

These variables set keys:

| variable | key |
| --- | --- |
${Object.entries(environmentKeys)
  .map(([name, { path }]) => `| \`${name}\` | \`${path.join(".")}\` |`)
  .join("\n")}

Set all other keys in the file, which can refer to any variable as \`\${env:NAME}\`. If a variable begins with \`CARILLON_\` and sets nothing,
\`carillon start\`, \`carillon config print\` and \`carillon doctor\` name it.

### Keys

The keys of providers follow [below](#keys-of-every-provider). \`[]\` stands for each entry of a list, and \`<name>\` for the name of an
entry in a map. \`required\` means that each entry, or each value other than null, needs the key.

${keys}

### Retry keys

A retry policy decides when and how often Carillon repeats a failed attempt. Any of its keys can be set in four places. A later one
overrides an earlier one:

1. \`channels.<name>.retry\`, which has all defaults,
2. \`channels.<name>.retryBy.<kind>\`, by kind of failure: \`temporary_failure\`, \`throttled\` or \`ambiguous\`,
3. \`providers.<name>.retry\`,
4. \`providers.<name>.retryBy.<kind>\`.

${retry}

### Keys of every provider

All providers have these keys, in addition to those of their type.

${shared}
${providers
  .map(
    ({ type, doc, keys: own }) => `
### Keys of \`${type}\`

${upperFirst(doc)}.

${own}
`,
  )
  .join("")}`;

const referenceOf = async (description: TopologyDescription): Promise<string> =>
  wrapPage(`# Reference

This page is for everyone who looks up a name: a configuration key, topic, reason, error code, metric, diagnostics channel or sandbox
recipient. \`npm run generate\` generates it from the sources.

${configurationPart()}
## Topics

| topic | count | record |
| --- | --- | --- |
${topicRows(description, config).join("\n")}

Topics with a count above one exist once for each lane, channel, or both. \`topics.prefix\` sets the prefix. Consumer groups are named
\`carillon.<sub-topology>.<topic>\`.

Values are Avro in Confluent's wire format: a zero byte, four bytes of schema id, and the Avro data. Subjects are named \`<topic>-value\`.
The schemas are in [schemas/](../schemas).

## Reasons

A reason states why a message was not delivered, or not at once. The list is closed.

| reason | meaning |
| --- | --- |
${Object.entries(reasons)
  .map(([reason, meaning]) => `| \`${reason}\` | ${meaning} |`)
  .join("\n")}

## Errors

| code | retried | meaning |
| --- | --- | --- |
${Object.entries(errorCodes)
  .map(([code, { retryable, means }]) => `| \`${code}\` | ${retryable ? "yes" : "no"} | ${means} |`)
  .join("\n")}

## Metrics

| metric | type | meaning |
| --- | --- | --- |
${(await metricRows()).join("\n")}

## Diagnostics channels

Carillon publishes these events through \`node:diagnostics_channel\`. Its own metrics, traces and logs subscribe to them, and a program that
runs Carillon can subscribe, too. Each event also has \`origin\`, an object that identifies one running Carillon. A subscriber that throws
ends the process.

| channel | published when | fields |
| --- | --- | --- |
${diagnosticRows().join("\n")}

## Sandbox recipients

The sandbox serves every channel. The form of the recipient selects the result: ${sandboxForms}.

| name | SMS ends in | result of a message |
| --- | --- | --- |
${Object.entries(sandboxBehaviors)
  .map(([name, { digits, does }]) => `| \`${name}\` | ${digits} | ${does} |`)
  .join("\n")}

Any other recipient counts as \`success\`.
`);

const providersMark = "<!-- generated from the sources and the tests by npm run generate -->";

const intoReadme = (diagram: string): void => {
  const path = root("README.md");
  const text = readFileSync(path, "utf8");
  writeFileSync(path, text.replace(/```mermaid\n[\s\S]*?```/, `\`\`\`mermaid\n${diagram}\`\`\``));
};

/** The text above the mark is written by hand. */
const intoProviders = (part: string): void => {
  const path = root("docs/providers.md");
  const text = readFileSync(path, "utf8");
  const end = text.indexOf(providersMark) + providersMark.length;
  writeFileSync(path, `${text.slice(0, end)}\n\n${part}`);
};

/** Replaces the text between two marks of a page. */
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
  roles.map(({ name, run, does }) => `CARILLON_QUEUES='${run.join(",")}' carillon start # ${name}: ${does}`).join("\n");

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
// a newer file would trigger a complete rebuild
if (readFileSync(root("config/default.yaml"), "utf8") !== defaults) writeFileSync(root("config/default.yaml"), defaults);
writeFileSync(root("docs/reference.md"), await referenceOf(description));
writeFileSync(root("docs/messages.md"), messagesPage());
writeFileSync(root("docs/openapi.json"), openApiText(deliveryContracts));
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
