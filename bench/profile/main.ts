import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { Command } from "commander";
import { provision, serverKinds } from "../../test/servers/provision.js";
import { carillonConfig } from "../benchmarks/pipeline.js";
import { startChild } from "../harness/child.js";
import { deleteTopics, endOf, uniquePrefix, withAdmin } from "../harness/kafka.js";
import { measureGrowth } from "../harness/measure-growth.js";
import { preload } from "../harness/preload.js";
import type { BenchmarkContext } from "../harness/result.js";
import { type CpuProfile, sharesOf, treeOf } from "./cpu-profile.js";
import { flameGraph } from "./flame.js";

const root = fileURLToPath(new URL("../..", import.meta.url));

interface Options {
  readonly name: string;
  readonly checkout: string;
  readonly messages: string;
}

const run = async ({ name, checkout, messages }: Options): Promise<void> => {
  const servers = await provision(serverKinds.filter(({ variable }) => !variable.endsWith("_AWS")));
  const folder = mkdtempSync(join(tmpdir(), "carillon-profile-"));
  const prefix = uniquePrefix();
  const count = Number(messages);
  const progress = (text: string): void => void process.stderr.write(`${text}\n`);
  const context: BenchmarkContext = { scale: 1, progress, address: (server) => servers.addresses[`CARILLON_TEST_${server}`] ?? "" };
  const broker = context.address("KAFKA");
  try {
    const config = carillonConfig(context, prefix, "platformatic", "at_least_once");
    progress(`${count} messages are accepted`);
    await preload(config, count, () => undefined);
    const child = startChild(process.execPath, [
      "--max-semi-space-size=64",
      "--cpu-prof",
      `--cpu-prof-dir=${folder}`,
      "--import",
      "tsx",
      join(resolve(checkout), "bench/workers/carillon.ts"),
      JSON.stringify({ config }),
    ]);
    await child.line();
    const { perSecond } = await withAdmin(broker, (admin) => measureGrowth(count, () => endOf(admin, `${prefix}.feedback`)));
    await child.stop();
    // the loader's thread also leaves a profile, a smaller one
    const [text] = readdirSync(folder)
      .map((file) => readFileSync(join(folder, file), "utf8"))
      .sort((a, b) => b.length - a.length);
    if (!text) throw new Error("the worker wrote no profile");
    const tree = treeOf(JSON.parse(text) as CpuProfile);
    const title = `${name}: one process, intake and dispatch, ${Math.round(perSecond)} messages a second while profiled`;
    writeFileSync(join(root, `docs/images/flame-${name}.svg`), flameGraph(title, tree));
    console.log(title);
    console.log(`${Math.round(tree.totalMicroseconds / count)} µs of the thread a message`);
    for (const [area, share] of sharesOf(tree)) console.log(`${(share * 100).toFixed(1).padStart(6)} %  ${area}`);
  } finally {
    await deleteTopics(broker, prefix);
    await servers.stop();
    rmSync(folder, { recursive: true, force: true });
  }
};

await new Command("profile")
  .description("profile a worker, and draw a flame graph as docs/images/flame-NAME.svg")
  .requiredOption("--name <name>", "name of the flame graph")
  .option("--checkout <folder>", "another built checkout, whose worker is profiled", root)
  .option("--messages <count>", "how many", "60000")
  .action(run)
  .parseAsync();
process.exit();
