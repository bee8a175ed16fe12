import { readFileSync, writeFileSync } from "node:fs";
import { Command } from "commander";
import { lineChart } from "../harness/chart.js";
import { readCosts } from "./costs.js";
import { dayOf } from "./day.js";
import { laneShares, peakFactor } from "./demand.js";
import { assumptions, type LanePlan, type Plan, planFor } from "./plan.js";
import { simulateQueue } from "./queue.js";

const aBillion = 1_000_000_000;
const volumes = [1_000_000, 10_000_000, 100_000_000, aBillion] as const;
const sessionSeconds = 30;
const simulatedSeconds = 300;
const warmUpSeconds = 30;
const pageUrl = new URL("../../docs/scale.md", import.meta.url);
const chartUrl = new URL("../../docs/images/scale-day.svg", import.meta.url);

const whole = (value: number): string => Math.ceil(value).toLocaleString("en-US");
const bytes = (value: number): string => {
  const power = Math.min(4, Math.max(0, Math.floor(Math.log10(value) / 3)));
  return `${(value / 1_000 ** power).toFixed(value / 1_000 ** power >= 100 ? 0 : 1)} ${["B", "kB", "MB", "GB", "TB"][power]}`;
};
const time = (seconds: number): string =>
  seconds >= 90
    ? `${(seconds / 60).toFixed(0)} min`
    : seconds >= 1
      ? `${seconds.toFixed(1)} s`
      : `${(seconds * 1_000).toFixed(seconds < 0.01 ? 1 : 0)} ms`;
const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [
    `| ${head.join(" | ")} |`,
    `| ${head.map((_, index) => (index === 0 ? "---" : "---:")).join(" | ")} |`,
    ...rows.map((row) => `| ${row.join(" | ")} |`),
  ].join("\n");

const planRows = (plans: readonly Plan[]): string[][] => {
  const row = (name: string, of: (plan: Plan) => string): string[] => [name, ...plans.map(of)];
  const lane = (name: string, of: (plan: LanePlan) => string) => row(name, ({ lanes }) => lanes.map(of).join(" / "));
  return [
    row("messages per second in the busiest hour", ({ peakPerSecond }) => whole(peakPerSecond)),
    lane("workers: critical / high / normal / bulk", ({ workers }) => whole(workers)),
    lane("partitions of each topic, by lane", ({ partitions }) => whole(partitions)),
    row("lineage workers", ({ lineageWorkers }) => whole(lineageWorkers)),
    row("Redis nodes, by commands", ({ redisNodesByCommands }) => whole(redisNodesByCommands)),
    row("Redis nodes, by memory", ({ redisNodesByMemory, redisBytes }) => `${whole(redisNodesByMemory)} (${bytes(redisBytes)})`),
    row("brokers", ({ brokers, logBytes }) => `${whole(brokers)} (${bytes(logBytes)})`),
    row("MongoDB shards, by writes", ({ mongoShardsByWrites }) => whole(mongoShardsByWrites)),
    row("MongoDB shards, by size", ({ mongoShardsBySize, mongoBytes }) => `${whole(mongoShardsBySize)} (${bytes(mongoBytes)})`),
  ];
};

/** Each lane of the plan in its busiest hour: as planned, and while a worker is killed. */
const simulationRows = (plan: Plan, cpuSeconds: number): string[][] =>
  plan.lanes.map(({ lane, peakPerSecond, partitions, workers }) => {
    const perSecond = lane === "bulk" ? peakPerSecond / peakFactor : peakPerSecond;
    const common = {
      seed: 7,
      perSecond,
      partitions,
      cpuSeconds,
      service: "exponential",
      seconds: simulatedSeconds,
      warmUpSeconds,
    } as const;
    const planned = simulateQueue({ ...common, workers });
    const died = simulateQueue({ ...common, workers, death: { atSecond: 120, noticedAfterSeconds: sessionSeconds } });
    return [
      lane,
      whole(perSecond),
      `${((perSecond * cpuSeconds * 100) / workers).toFixed(0)} %`,
      time(planned.p50WaitSeconds),
      time(planned.p99WaitSeconds),
      time(died.p99WaitSeconds),
      time(died.worstWaitSeconds),
    ];
  });

const campaign = { minute: 10 * 60, share: 0.25 };

const dayChart = (plan: Plan, cpuSeconds: number): { readonly svg: string; readonly words: string } => {
  const mean = plan.messagesPerDay;
  const of = (lane: LanePlan) => {
    const share = laneShares[lane.lane];
    const capacity = lane.workers / cpuSeconds;
    const campaigns = lane.lane === "bulk" ? [{ minute: campaign.minute, messages: mean * share * campaign.share }] : [];
    return dayOf(mean * share * (lane.lane === "bulk" ? 1 - campaign.share : 1), capacity, campaigns);
  };
  const days = plan.lanes.map((lane) => ({ lane: lane.lane, day: of(lane) }));
  const svg = lineChart(
    "A day of a billion messages: queue time in minutes",
    "hour of the day",
    "a campaign with an eighth of the day's messages starts at ten",
    days.map(({ lane, day }) => ({
      name: lane,
      ours: true,
      points: day.waitSeconds.filter((_, minute) => minute % 15 === 0).map((seconds, index): [number, number] => [index / 4, seconds / 60]),
    })),
  );
  const words = days
    .map(
      ({ lane, day }) =>
        `${lane} ${day.worstWaitSeconds < 1 ? "none" : time(day.worstWaitSeconds)}${day.mostWaiting > 1_000_000 ? ` (${whole(day.mostWaiting / 1_000_000)} million queued)` : ""}`,
    )
    .join(", ");
  return { svg, words };
};

const replaceBetween = (page: string, name: string, content: string): string => {
  const [begin, end] = [`<!-- ${name}: made by npm run scale -- --save -->`, `<!-- /${name} -->`];
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`docs/scale.md lacks the marks of ${name}`);
  return `${page.slice(0, from)}${begin}\n${content}\n${page.slice(to)}`;
};

const run = ({ save }: { save?: boolean }): void => {
  const costs = readCosts();
  const cpuSeconds = 1 / costs.messagesPerSecond;
  const plans = volumes.map((volume) => planFor(volume, costs));
  const billion = planFor(aBillion, costs);
  const costTable = table(
    ["measured", "value"],
    [
      ["messages per second, one process on one core", whole(costs.messagesPerSecond)],
      ["thread time for the lineage of a message", `${costs.lineageCpuMicroseconds.toFixed(0)} µs`],
      ["Redis commands per message", costs.redisCommands.toFixed(1)],
      ["Redis memory per message", bytes(costs.redisBytes)],
      ["log size per message, all topics, one copy", bytes(costs.logBytes)],
      ["document size per message", bytes(costs.documentBytes)],
    ],
  );
  const planTable = table(["messages per day", ...volumes.map((volume) => whole(volume))], planRows(plans));
  const simulationTable = table(
    [
      "lane",
      "messages per second",
      "thread utilization",
      "queue time, median",
      "queue time, p99",
      "p99, a worker killed",
      "maximum, a worker killed",
    ],
    simulationRows(billion, cpuSeconds),
  );
  const day = dayChart(billion, cpuSeconds);
  const worst = `Longest queue time of the day: ${day.words}.`;
  for (const part of [costTable, planTable, simulationTable, worst]) console.log(`${part}\n`);
  if (!save) return;
  let page = readFileSync(pageUrl, "utf8");
  for (const [name, content] of [
    ["costs", costTable],
    ["plan", planTable],
    ["simulation", simulationTable],
    ["day", `![A day of a billion messages](images/scale-day.svg)\n\n${worst}`],
  ] as const)
    page = replaceBetween(page, name, content);
  writeFileSync(pageUrl, page);
  writeFileSync(chartUrl, day.svg);
};

await new Command("scale")
  .description(
    `compute the workers and servers for a daily volume from the measured costs (threads at most ${assumptions.utilisation * 100} % busy), and simulate the queues`,
  )
  .option("--save", "write the tables and the chart into docs/scale.md")
  .action(run)
  .parseAsync();
