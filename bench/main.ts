import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { fileURLToPath } from "node:url";
import { Command, InvalidArgumentError } from "commander";
import pc from "picocolors";
import { provision, serverKinds } from "../test/servers/provision.js";
import { benchmarks } from "./benchmarks/index.js";
import { chartOf } from "./harness/chart-of.js";
import { medianOfRuns } from "./harness/median-of-runs.js";
import { benchmarksPage } from "./harness/page.js";
import { type Benchmark, type BenchmarkResult, meetsAim, type Ratio, type ServerName } from "./harness/result.js";

const folder = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));

const positive = (text: string): number => {
  const number = Number(text);
  if (!(number > 0)) throw new InvalidArgumentError("it must be a number above 0");
  return number;
};

const wholePositive = (text: string): number => {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) throw new InvalidArgumentError("it must be a whole number, at least 1");
  return number;
};

const machine = (): string => {
  const [first] = cpus();
  return `${cpus().length} cores (${first?.model.trim()}), ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}`;
};

let printedMs = 0;
const progress = (text: string): void => {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
  else if (text !== "" && Date.now() - printedMs > 10_000) {
    printedMs = Date.now();
    process.stderr.write(`${text}\n`);
  }
};

/** Addresses from the environment, or servers started for the run. */
const servers = async (names: readonly ServerName[]) => {
  const variables = names.map((name) => `CARILLON_TEST_${name}`);
  const given = Object.fromEntries(variables.flatMap((variable) => (process.env[variable] ? [[variable, process.env[variable]]] : [])));
  if (names.length === Object.keys(given).length) return { addresses: given, stop: async () => undefined };
  return provision(serverKinds.filter(({ variable }) => variables.includes(variable)));
};

const run = async (benchmark: Benchmark, scale: number, runs: number): Promise<BenchmarkResult> => {
  const { addresses, stop } = await servers(benchmark.servers);
  try {
    const address = (server: ServerName): string => {
      const found = addresses[`CARILLON_TEST_${server}`];
      if (!found) throw new Error(`${benchmark.name} does not name ${server} among its servers`);
      return found;
    };
    const { name, work } = benchmark;
    const results: Awaited<ReturnType<Benchmark["run"]>>[] = [];
    while (results.length < runs) {
      const of = runs > 1 ? `run ${results.length + 1} of ${runs}: ` : "";
      results.push(await benchmark.run({ scale, address, progress: (text) => progress(`${of}${text}`) }));
    }
    return { name, work, date: new Date().toISOString().slice(0, 10), machine: machine(), scale, runs, ...medianOfRuns(results) };
  } finally {
    progress("");
    await stop();
  }
};

const shown = (value: number): string => (value >= 100 ? Math.round(value).toLocaleString("en-US") : value.toFixed(2));

const printRatio = (ratio: Ratio): void => {
  const verdict = meetsAim(ratio) ? pc.green("met") : pc.yellow("missed");
  console.log(`  ${ratio.name}: ${pc.bold(ratio.value.toFixed(2))} (aim ${ratio.atLeast ? "≥" : "≤"} ${ratio.aim}: ${verdict})`);
};

const print = (result: BenchmarkResult): void => {
  console.log(`\n${pc.bold(result.name)}: ${result.work}`);
  console.log(pc.dim(`${result.machine}; ${result.date}; scale ${result.scale}; runs ${result.runs ?? 1}`));
  for (const { name, measures } of result.contestants) {
    const values = Object.entries(measures).map(([measure, value]) => `${measure} ${shown(value)}`);
    console.log(`  ${name.padEnd(44)} ${values.join("  ")}`);
  }
  for (const ratio of result.ratios) printRatio(ratio);
  for (const note of result.notes) console.log(pc.dim(`  ${note}`));
};

const save = (result: BenchmarkResult): void => {
  mkdirSync(folder("bench/results"), { recursive: true });
  writeFileSync(folder(`bench/results/${result.name}.json`), `${JSON.stringify(result, null, 2)}\n`);
  writeFileSync(folder(`docs/images/bench-${result.name}.svg`), chartOf(result));
  const kept = benchmarks
    .map(({ name }) => folder(`bench/results/${name}.json`))
    .filter((file) => existsSync(file))
    .map((file) => JSON.parse(readFileSync(file, "utf8")) as BenchmarkResult);
  writeFileSync(folder("docs/benchmarks.md"), benchmarksPage(kept, readFileSync(folder("bench/remarks.md"), "utf8")));
};

const names = benchmarks.map(({ name }) => name);

await new Command("bench")
  .description("measure Carillon and its peers on the same work, in the same run")
  .argument("<names...>", `which: ${names.join(", ")}, or all`)
  .option("--json", "print the result as JSON")
  .option("--scale <share>", "fraction of the full work", positive, 1)
  .option("--runs <count>", "number of runs, whose medians are reported", wholePositive, 1)
  .option("--save", "store the result and its chart in the documentation")
  .action(async (wanted: string[], options: { json?: boolean; scale: number; runs: number; save?: boolean }) => {
    const unknown = wanted.filter((name) => name !== "all" && !names.includes(name));
    if (unknown.length > 0) throw new InvalidArgumentError(`unknown benchmark ${unknown.join(", ")}: ${names.join(", ")}, all`);
    for (const benchmark of benchmarks.filter(({ name }) => wanted.includes("all") || wanted.includes(name))) {
      const result = await run(benchmark, options.scale, options.runs);
      if (options.json) console.log(JSON.stringify(result));
      else print(result);
      if (options.save) save(result);
    }
  })
  .parseAsync();
process.exit();
