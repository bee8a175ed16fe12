import { type Command, InvalidArgumentError } from "commander";
import type { PartPlan } from "../../operations/load/scale-plan.js";
import { withDeployment } from "../deployment/open-deployment.js";
import { paint } from "../palette.js";
import { createProgress, say, sayJson, spanOf, table } from "../print.js";

const spanForm = /^(\d+(?:\.\d+)?)(ms|s|m|min|h)?$/;
const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, min: 60_000, h: 3_600_000 };

const parseSpan = (text: string): number => {
  const [, number, unit = "s"] = spanForm.exec(text) ?? [];
  const ms = Number(number) * (unitMs[unit] ?? Number.NaN);
  if (!(ms > 0)) throw new InvalidArgumentError("Give a duration such as 5s or 500ms.");
  return ms;
};

const parsePeak = (text: string): number => {
  const peak = Number(text);
  if (!(peak >= 1 && peak <= 1_000)) throw new InvalidArgumentError("Give a number from 1 to 1000.");
  return peak;
};

const rateOf = (perSecond: number): string => (perSecond >= 10 ? perSecond.toFixed(0) : perSecond.toFixed(1));
const millis = (ms: number | null): string => (ms === null ? "–" : ms >= 10 ? `${ms.toFixed(0)} ms` : `${ms.toFixed(2)} ms`);
const change = (current: number, recommended: number | undefined): string =>
  recommended === undefined || recommended === current ? String(current) : `${current} → ${recommended}`;

const processes = (count: number): string => (count === 1 ? "1 process" : `${count} processes`);

const rowOf = ({ part, inPerSecond, lag, oldestMs, inFlightMs, cpuMs, current, recommended }: PartPlan): string[] => [
  part,
  rateOf(inPerSecond),
  String(lag),
  oldestMs === null ? "–" : spanOf(oldestMs),
  millis(inFlightMs),
  millis(cpuMs),
  change(current.partitions, recommended?.partitions),
  recommended ? String(recommended.consumers) : "–",
  recommended ? String(recommended.replicas) : "–",
];

const head = [
  "configuration",
  "arrivals/s",
  "lag",
  "oldest",
  "time in flight",
  "CPU time",
  "partitions",
  "consumers per replica",
  "replicas",
];

export const addPlanCommand = (program: Command): void => {
  program
    .command("plan")
    .description("measure the load, and recommend partitions, consumers and replicas for each lane")
    .option("--target-age <time>", "maximum time that a record may be queued", parseSpan, 5_000)
    .option("--peak <number>", "plan for this multiple of the measured load", parsePeak, 2)
    .option("--for <time>", "how long to measure", parseSpan, 10_000)
    .option("--json", "print JSON")
    .action((options: { targetAge: number; peak: number; for: number; json?: boolean }, command: Command) =>
      withDeployment(command, async ({ queues }) => {
        const progress = createProgress("measuring, seconds");
        const question = { targetAgeMs: options.targetAge, peak: options.peak, forMs: options.for };
        const { workers, plans } = await queues.plan(question, progress.at);
        progress.end();
        if (options.json) return sayJson({ workers, plans });
        say(table([head, ...plans.map(rowOf)]));
        for (const { part, note } of plans) if (note) say(paint.yellow(`${part}: ${note}`));
        const unknown = plans.filter(({ recommended }) => recommended === null).map(({ part }) => part);
        say(
          `\nPlanned for a queue time of at most ${spanOf(options.targetAge)} at ${options.peak} times the measured load and 70% utilization, from the figures of ${processes(workers)}.`,
        );
        if (unknown.length > 0) say(paint.dim(`No recent records, so no recommendation for ${unknown.join(", ")}: measure under load.`));
      }),
    );
};
