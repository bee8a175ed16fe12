import { writeFileSync } from "node:fs";
import { Command } from "commander";
import { provision } from "../../test/servers/provision.js";
import { quantile } from "../harness/result.js";
import { baselineUrl, gated, measureOnce, type Ratios, readBaseline, shortfalls } from "./gate.js";

const runs = 3;

const run = async ({ save }: { save?: boolean }): Promise<void> => {
  const { addresses, stop } = await provision();
  const all: Ratios[] = [];
  try {
    for (let turn = 1; turn <= (save ? runs : 1); turn += 1) {
      const measured: Record<string, number> = {};
      for (const { benchmark, scale } of gated) {
        process.stderr.write(`${benchmark.name}, run ${turn}\n`);
        const address = (server: string): string => addresses[`CARILLON_TEST_${server}`] ?? "";
        Object.assign(measured, await measureOnce(benchmark, { scale, address, progress: () => undefined }));
      }
      for (const [name, value] of Object.entries(measured)) console.log(`${value.toFixed(2).padStart(8)}  ${name}`);
      all.push(measured);
    }
  } finally {
    await stop();
  }
  if (save) {
    const names = Object.keys(all[0] ?? {});
    const measured = (name: string): number[] => all.map((one) => one[name] ?? Number.NaN);
    const kept = Object.fromEntries(names.map((name) => [name, Number(quantile(measured(name), 0.5).toFixed(3))]));
    writeFileSync(baselineUrl, `${JSON.stringify(kept, null, 2)}\n`);
    return;
  }
  const found = shortfalls(all[0] ?? {}, readBaseline());
  for (const shortfall of found) console.log(shortfall);
  process.exitCode = found.length === 0 ? 0 : 1;
};

await new Command("gate")
  .description("measure the gate's ratios, and compare them with the stored ones")
  .option("--save", `store the median of ${runs} runs`)
  .action(run)
  .parseAsync();
process.exit();
