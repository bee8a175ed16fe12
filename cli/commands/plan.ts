import { type Command, InvalidArgumentError } from "commander";
import { measureLag, type TopicLag } from "../../operations/lag/lag.js";
import { type MeasuredQueue, type PartPlan, planScale } from "../../operations/load/scale-plan.js";
import { readLoads } from "../../operations/load/worker-load.js";
import { systemClock } from "../../stores/clock.js";
import { paint } from "../palette.js";
import { createProgress, say, sayJson, spanOf, table } from "../print.js";
import { type Session, withSession } from "../session.js";

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

const endOf = ({ partitions }: TopicLag): number => partitions.reduce((sum, { end }) => sum + end, 0);

/** Measures twice, to calculate rates. */
const measure = async ({ config, stores, assembly }: Session, forMs: number): Promise<MeasuredQueue[]> => {
  await stores.log.ensureTopics(assembly.topics);
  const look = (): Promise<readonly TopicLag[]> => measureLag(assembly.graphs, config, stores.log);
  const progress = createProgress("measuring, seconds");
  const [begin, before] = [Date.now(), await look()];
  while (Date.now() - begin < forMs) {
    await systemClock.sleep(Math.min(500, forMs));
    progress.at(Math.round((Date.now() - begin) / 1_000), Math.round(forMs / 1_000));
  }
  progress.end();
  const [after, seconds] = [await look(), (Date.now() - begin) / 1_000];
  return Promise.all(
    after.map(async (lag, index) => {
      const earlier = before[index];
      const waited = lag.lag > 0 ? [...(await stores.log.waited(lag.group, lag.topic)).values()] : [];
      return {
        queue: lag.queue,
        inPerSecond: earlier ? Math.max(0, endOf(lag) - endOf(earlier)) / seconds : 0,
        lag: lag.lag,
        oldestMs: waited.length === 0 ? null : Math.max(...waited),
      };
    }),
  );
};

const rateOf = (perSecond: number): string => (perSecond >= 10 ? perSecond.toFixed(0) : perSecond.toFixed(1));
const millis = (ms: number | null): string => (ms === null ? "–" : ms >= 10 ? `${ms.toFixed(0)} ms` : `${ms.toFixed(2)} ms`);
const change = (now: number, wanted: number | undefined): string =>
  wanted === undefined || wanted === now ? String(now) : `${now} → ${wanted}`;

const rowOf = ({ part, inPerSecond, lag, oldestMs, inHandMs, threadMs, now, wanted }: PartPlan): string[] => [
  part,
  rateOf(inPerSecond),
  String(lag),
  oldestMs === null ? "–" : spanOf(oldestMs),
  millis(inHandMs),
  millis(threadMs),
  change(now.partitions, wanted?.partitions),
  wanted ? String(wanted.consumers) : "–",
  wanted ? String(wanted.replicas) : "–",
];

const head = ["part", "in/s", "queued", "oldest", "in flight", "CPU", "partitions", "consumers each", "replicas"];

export const addPlanCommand = (program: Command): void => {
  program
    .command("plan")
    .description("measure the load, and recommend partitions, consumers and replicas for each lane")
    .option("--target-age <time>", "maximum time that a record may be queued", parseSpan, 5_000)
    .option("--peak <number>", "plan for this multiple of the measured load", parsePeak, 2)
    .option("--for <time>", "how long to measure", parseSpan, 10_000)
    .option("--json", "print JSON")
    .action((options: { targetAge: number; peak: number; for: number; json?: boolean }, command: Command) =>
      withSession(command, async (session) => {
        const { stores } = session;
        const queues = await measure(session, options.for);
        const loads = await readLoads(stores.cells);
        const plans = planScale(queues, [...loads.values()], { ageMs: options.targetAge, peak: options.peak });
        if (options.json) return sayJson({ workers: loads.size, plans });
        say(table([head, ...plans.map(rowOf)]));
        for (const { part, note } of plans) if (note) say(paint.yellow(`${part}: ${note}`));
        const unknown = plans.filter(({ wanted }) => wanted === null).map(({ part }) => part);
        say(
          `\nPlanned for a queue time of at most ${spanOf(options.targetAge)} at ${options.peak} times the measured load and 70% utilization, from the figures of ${loads.size} processes.`,
        );
        if (unknown.length > 0) say(paint.dim(`No recent records, so no recommendation for ${unknown.join(", ")}: measure under load.`));
      }),
    );
};
