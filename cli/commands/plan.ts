import { type Command, InvalidArgumentError, Option } from "commander";
import { mostMeasuredMs, mostPeak, mostTargetAgeMs } from "../../operations/load/plan-limits.js";
import type { PartPlan } from "../../operations/load/scale-plan.js";
import { counted } from "../../schemas/counted.js";
import { duration, durationForms } from "../arguments.js";
import { withDeployment } from "../deployment/open-deployment.js";
import { paint } from "../palette.js";
import { createProgress, inSeconds, say, sayJson, spanOf, table } from "../print.js";

const parsePeak = (text: string): number => {
  const peak = Number(text);
  if (!(peak >= 1 && peak <= mostPeak)) throw new InvalidArgumentError(`Give a number from 1 to ${mostPeak}.`);
  return peak;
};

const rateOf = (perSecond: number): string => (perSecond >= 10 ? perSecond.toFixed(0) : perSecond.toFixed(1));
const millis = (ms: number | null): string => (ms === null ? "–" : ms >= 10 ? `${ms.toFixed(0)} ms` : `${ms.toFixed(2)} ms`);
const change = (current: number, recommended: number | undefined): string =>
  recommended === undefined || recommended === current ? String(current) : `${current} → ${recommended}`;

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
    .addOption(
      new Option("--target-age <duration>", `maximum time that a record may be queued: ${durationForms}`)
        .argParser(duration(mostTargetAgeMs))
        .default(5_000, "5s"),
    )
    .option("--peak <number>", "plan for this multiple of the measured load", parsePeak, 2)
    .addOption(
      new Option("--for <duration>", `how long to measure, at most ${mostMeasuredMs / 60_000}min: ${durationForms}`)
        .argParser(duration(mostMeasuredMs))
        .default(10_000, "10s"),
    )
    .option("--json", "print JSON")
    .action((options: { targetAge: number; peak: number; for: number; json?: boolean }, command: Command) =>
      withDeployment(command, async ({ queues }) => {
        const progress = createProgress("measured", inSeconds);
        const question = { targetAgeMs: options.targetAge, peak: options.peak, forMs: options.for };
        const { workers, plans } = await queues.plan(question, progress.at);
        progress.end();
        if (options.json) return sayJson({ workers, plans });
        say(table([head, ...plans.map(rowOf)]));
        for (const { part, note } of plans) if (note) say(paint.yellow(`${part}: ${note}`));
        const unknown = plans.filter(({ recommended }) => recommended === null).map(({ part }) => part);
        say(
          `\nPlanned for a queue time of at most ${spanOf(options.targetAge)} at ${options.peak} times the measured load and 70% utilization, from the figures of ${counted(workers, "process", "processes")}.`,
        );
        if (unknown.length > 0) say(paint.dim(`No recent records, so no recommendation for ${unknown.join(", ")}: measure under load.`));
      }),
    );
};
