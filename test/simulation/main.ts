import { readFileSync, writeFileSync } from "node:fs";
import { Command, InvalidArgumentError } from "commander";
import pc from "picocolors";
import { findPlanted } from "./find-planted.js";
import type { Violation } from "./observer.js";
import { type Plan, planOf } from "./plan.js";
import { plants } from "./planted.js";
import { shrink } from "./shrink.js";
import { type Outcome, simulate } from "./simulate.js";

const wholeNumber = (text: string): number => {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 0) throw new InvalidArgumentError("it must be a whole number");
  return number;
};

/** Shows the progress in one line, at most four times per second. */
const createProgress = () => {
  let lastMs = 0;
  const isTerminal = process.stderr.isTTY;
  const everyMs = isTerminal ? 250 : 10_000;
  return {
    tell: (text: string): void => {
      if (Date.now() - lastMs < everyMs) return;
      lastMs = Date.now();
      process.stderr.write(isTerminal ? `\r\x1b[K${text}` : `${text}\n`);
    },
    clear: (): void => {
      if (isTerminal) process.stderr.write("\r\x1b[K");
    },
  };
};

const progress = createProgress();

const printViolations = (violations: readonly Violation[]): void => {
  for (const { invariant, detail } of violations.slice(0, 5)) console.log(`  ${pc.red(invariant)}: ${detail}`);
};

/** Shrinks a failing plan and prints how to run it again. */
const tellFailure = async (plan: Plan, outcome: Outcome, shrinks: boolean): Promise<void> => {
  progress.clear();
  console.log(`${pc.red("✗")} seed ${pc.bold(String(plan.seed))} (${outcome.fingerprint})`);
  printViolations(outcome.violations);
  console.log(`  again: npm run sim -- --seed ${plan.seed} --trace`);
  if (!shrinks) return;
  const invariant = outcome.violations[0]?.invariant;
  const stillFails = async (smaller: Plan): Promise<boolean> => {
    progress.tell(`shrinking seed ${plan.seed}: ${smaller.messages.length} messages, ${smaller.troubles.length} troubles`);
    return (await simulate(smaller)).violations.some((violation) => violation.invariant === invariant);
  };
  const smallest = await shrink(plan, stillFails);
  const file = `simulation-${plan.seed}.json`;
  writeFileSync(file, `${JSON.stringify(smallest, null, 2)}\n`);
  progress.clear();
  console.log(
    `  shrunk to ${smallest.messages.length} messages and ${smallest.troubles.length} troubles: npm run sim -- --plan ${file} --trace`,
  );
};

const runOne = async (plan: Plan, trace: boolean): Promise<boolean> => {
  const outcome = await simulate(plan);
  if (trace) console.log(outcome.notes.join("\n"));
  console.log(JSON.stringify(plan.shape));
  const struck = Object.entries(outcome.struck).map(([kind, count]) => `${count} ${kind}`);
  console.log(
    `${plan.messages.length} messages, ${outcome.sends} sends, ${struck.join(", ") || "no trouble"}; ` +
      `${outcome.steps} steps, ${(outcome.virtualMs / 60_000).toFixed(0)} virtual minutes, fingerprint ${outcome.fingerprint}`,
  );
  const { violations } = outcome;
  if (violations.length === 0) console.log(pc.green("✓ every invariant holds"));
  else printViolations(violations);
  return violations.length === 0;
};

const runSeeds = async (from: number, count: number, shrinks: boolean): Promise<boolean> => {
  const startedAtMs = Date.now();
  const struck: Record<string, number> = {};
  let failures = 0;
  let messages = 0;
  for (let seed = from; seed < from + count; seed += 1) {
    const plan = planOf(seed);
    const outcome = await simulate(plan);
    messages += plan.messages.length;
    for (const [kind, times] of Object.entries(outcome.struck)) struck[kind] = (struck[kind] ?? 0) + times;
    if (outcome.violations.length > 0) {
      failures += 1;
      await tellFailure(plan, outcome, shrinks);
    }
    const done = seed - from + 1;
    progress.tell(`${done} of ${count} seeds, ${failures} failed, ${((done / (Date.now() - startedAtMs)) * 1_000).toFixed(0)} a second`);
  }
  progress.clear();
  const troubles = Object.entries(struck).map(([kind, times]) => `${times} ${kind}`);
  console.log(`${count} seeds, ${messages} messages, ${troubles.join(", ")}; ${((Date.now() - startedAtMs) / 1_000).toFixed(0)} s`);
  console.log(failures === 0 ? pc.green("✓ every invariant held in every run") : pc.red(`${failures} seeds failed`));
  return failures === 0;
};

const runPlanted = async (mostSeeds: number): Promise<boolean> => {
  let all = true;
  for (const plant of plants) {
    progress.tell(plant.name);
    const found = await findPlanted(plant, mostSeeds);
    progress.clear();
    all &&= found !== undefined;
    const verdict = found
      ? `${pc.green("found")} by seed ${String(found.seed).padEnd(4)} ${found.violation.invariant}`
      : pc.red("not found");
    console.log(`${plant.name.padEnd(28)} ${verdict.padEnd(40)} ${pc.dim(`(${plant.what})`)}`);
  }
  return all;
};

const command = new Command("sim")
  .description("Runs the production topology, runtime and stages on simulated servers, from seeds, while everything goes wrong")
  .option("--seeds <count>", "how many seeds", wholeNumber, 200)
  .option("--from <seed>", "the first of them", wholeNumber, 1)
  .option("--seed <seed>", "one seed alone", wholeNumber)
  .option("--plan <file>", "a plan that was shrunk before")
  .option("--trace", "print all that happened")
  .option("--planted", "put faults in on purpose, and see that each is found")
  .option("--no-shrink", "do not look for a smaller plan that fails")
  .action(
    async (options: { seeds: number; from: number; seed?: number; plan?: string; trace?: boolean; planted?: boolean; shrink: boolean }) => {
      const run = (): Promise<boolean> => {
        if (options.plan) return runOne(JSON.parse(readFileSync(options.plan, "utf8")) as Plan, options.trace ?? false);
        if (options.seed !== undefined) return runOne(planOf(options.seed), options.trace ?? false);
        if (options.planted) return runPlanted(options.seeds);
        return runSeeds(options.from, options.seeds, options.shrink);
      };
      process.exitCode = (await run()) ? 0 : 1;
    },
  );

await command.parseAsync();
