import { readFileSync, writeFileSync } from "node:fs";
import { Command, Option } from "commander";
import pc from "picocolors";
import { type KafkaClientName, kafkaClients } from "../../stores/event-log/event-log.js";
import { startCluster } from "./cluster.js";
import { type RunResult, runScenario } from "./run-scenario.js";
import { scenarios } from "./scenarios.js";
import { lateMs } from "./tally.js";

const resultsUrl = new URL("results.json", import.meta.url);
const pageUrl = new URL("../../docs/semantics.md", import.meta.url);
const marks = ["<!-- chaos: made by npm run chaos -- --save -->", "<!-- /chaos -->"] as const;

const print = (result: RunResult): void => {
  const { scenario, client, tallies, restarts, seconds, broken } = result;
  console.log(
    `${broken.length === 0 ? pc.green("✓") : pc.red("✗")} ${pc.bold(scenario)} by ${client} (${seconds} s, ${restarts} restarts)`,
  );
  for (const { guarantee, accepted, lost, duplicated, late, worstMs, open } of tallies)
    console.log(
      `  ${guarantee.padEnd(14)} ${accepted} accepted, ${lost} lost, ${duplicated} twice, ${late} late, worst ${(worstMs / 1_000).toFixed(1)} s, ${open} open`,
    );
  for (const what of broken) console.log(`  ${pc.red(what)}`);
};

const readResults = (): RunResult[] => {
  try {
    return JSON.parse(readFileSync(resultsUrl, "utf8")) as RunResult[];
  } catch {
    return [];
  }
};

const rowOf = ({ scenario, client, tallies }: RunResult): string => {
  const what = scenarios.find(({ name }) => name === scenario)?.what ?? scenario;
  const cells = tallies.map(
    ({ lost, duplicated, late, worstMs }) => `${lost} / ${duplicated} / ${late} (${(worstMs / 1_000).toFixed(1)} s)`,
  );
  return `| ${what} | ${client} | ${cells.join(" | ")} |`;
};

/** Stores the results, and updates the table in docs/semantics.md from all stored ones. */
const save = (fresh: readonly RunResult[]): void => {
  const isOf = (a: RunResult) => (b: RunResult) => a.scenario === b.scenario && a.client === b.client;
  const kept = [...readResults().filter((old) => !fresh.some(isOf(old))), ...fresh];
  const place = ({ scenario }: RunResult): number => scenarios.findIndex(({ name }) => name === scenario);
  kept.sort((a, b) => place(a) - place(b) || kafkaClients.indexOf(a.client) - kafkaClients.indexOf(b.client));
  writeFileSync(resultsUrl, `${JSON.stringify(kept, null, 2)}\n`);
  const modes = kept[0]?.tallies.map(({ guarantee }) => `\`${guarantee}\``) ?? [];
  const table = [
    `| fault | client | ${modes.join(" | ")} |`,
    `| --- | --- | ${modes.map(() => "---").join(" | ")} |`,
    ...kept.map(rowOf),
  ].join("\n");
  const page = readFileSync(pageUrl, "utf8");
  const [begin, end] = [page.indexOf(marks[0]), page.indexOf(marks[1])];
  if (begin < 0 || end < begin) throw new Error(`docs/semantics.md has lost its marks: ${marks.join(" … ")}`);
  writeFileSync(pageUrl, `${page.slice(0, begin)}${marks[0]}\n${table}\n${page.slice(end)}`);
};

interface Options {
  readonly scenario?: readonly string[];
  readonly client?: KafkaClientName;
  readonly messages: string;
  readonly threads: string;
  readonly save?: boolean;
}

const run = async ({ scenario: wanted, client: only, messages, threads, save: saves }: Options): Promise<void> => {
  const chosen = scenarios.filter(({ name }) => !wanted || wanted.includes(name));
  if (chosen.length === 0) throw new Error(`no such scenario; there are ${scenarios.map(({ name }) => name).join(", ")}`);
  if (process.getuid?.() !== 0) throw new Error("network namespaces need root");
  const begin = Date.now();
  const say = (text: string): void => void process.stderr.write(`${((Date.now() - begin) / 1_000).toFixed(0).padStart(5)} s  ${text}\n`);
  const cluster = await startCluster(say);
  const results: RunResult[] = [];
  try {
    for (const client of only ? [only] : kafkaClients)
      for (const scenario of chosen) {
        const named = (text: string): void => say(`${scenario.name} by ${client}: ${text}`);
        const result = await runScenario(cluster, scenario, { client, messages: Number(messages), threads: Number(threads), say: named });
        results.push(result);
        print(result);
        if (saves) save([result]);
      }
  } finally {
    await cluster.stop();
  }
  const broken = results.filter((result) => result.broken.length > 0);
  console.log(
    broken.length === 0
      ? pc.green(`✓ ${results.length} runs: every mode kept its promise`)
      : pc.red(`${broken.length} of ${results.length} runs broke a promise`),
  );
  process.exitCode = broken.length === 0 ? 0 : 1;
};

await new Command("chaos")
  .description(
    `Strikes real servers and workers while messages flow, and counts at the provider's end what was lost, sent twice or late (over ${lateMs / 1_000} s)`,
  )
  .option("--scenario <names...>", `some of ${scenarios.map(({ name }) => name).join(", ")}`)
  .addOption(new Option("--client <name>", "one Kafka client alone").choices(kafkaClients))
  .option("--messages <count>", "of each mode", "300")
  .option("--threads <count>", "of each worker", "1")
  .option("--save", "keep the results, and make the table of docs/semantics.md")
  .action(run)
  .parseAsync();
