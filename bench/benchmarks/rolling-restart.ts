import { kafkaClients } from "../../stores/event-log/event-log.js";
import { type Benchmark, quantile } from "../harness/result.js";
import { type RollingRestartRun, runRollingRestart, type Sent } from "../harness/rolling-restart.js";

const perSecond = 500;
const seconds = 100;

const waits = (sent: readonly Sent[], lane: string): number[] => sent.filter((one) => one.lane === lane).map(({ waitedMs }) => waitedMs);

const measuresOf = ({ sent, accepted, acceptedPerSecond, lost, twice, stops }: RollingRestartRun) => ({
  criticalP99Ms: quantile(waits(sent, "critical"), 0.99),
  criticalMaxMs: Math.max(...waits(sent, "critical")),
  normalP99Ms: quantile(waits(sent, "normal"), 0.99),
  accepted,
  acceptedPerSecond,
  lost,
  twice,
  ...(stops.length > 0 ? { slowestStopMs: Math.max(...stops.map(({ tookMs }) => tookMs)) } : {}),
});

/** The longest latency of the messages accepted in each second. */
const worstBySecond = (sent: readonly Sent[], lane: string): [number, number][] => {
  const worst = new Map<number, number>();
  for (const { at, waitedMs } of sent.filter((one) => one.lane === lane))
    worst.set(Math.floor(at), Math.max(worst.get(Math.floor(at)) ?? 0, waitedMs));
  return [...worst].sort(([a], [b]) => a - b);
};

export const rollingRestart: Benchmark = {
  name: "rolling-restart",
  work: `${perSecond} messages per second while all six workers are restarted, one after another`,
  servers: ["KAFKA", "REDIS", "MONGO", "REGISTRY"],
  run: async ({ scale, address, progress }) => {
    const work = { perSecond: Math.round(perSecond * Math.min(1, scale)), seconds };
    const runs: { name: string; run: RollingRestartRun }[] = [];
    for (const client of kafkaClients)
      runs.push({ name: `Carillon by ${client}`, run: await runRollingRestart({ ...work, client, restarts: true }, address, progress) });
    const calm = await runRollingRestart({ ...work, client: "kafkajs", restarts: false }, address, progress);
    const [first] = runs;
    if (!first) throw new Error("nothing was measured");
    const of = (run: RollingRestartRun): number => quantile(waits(run.sent, "critical"), 0.99);
    return {
      contestants: [
        ...runs.map(({ name, run }) => ({ name, measures: measuresOf(run) })),
        { name: "Carillon by kafkajs, nothing restarted", measures: measuresOf(calm) },
      ],
      ratios: [
        { name: "p99 of critical with kafkajs, in milliseconds", value: of(first.run), aim: 2_000, atLeast: false },
        ...runs.slice(1).map(({ name, run }) => ({
          name: `p99 of critical: by kafkajs / ${name}`,
          value: of(first.run) / of(run),
          aim: 1,
          atLeast: false,
        })),
        { name: "messages lost, of all runs", value: runs.reduce((sum, { run }) => sum + run.lost, calm.lost), aim: 0, atLeast: false },
      ],
      lines: {
        xUnit: `seconds; workers stopped at ${first.run.stops.map(({ at }) => at.toFixed(0)).join(", ")} (kafkajs)`,
        yUnit: "longest wait of the messages accepted in each second, in milliseconds",
        of: [
          ...runs.map(({ name, run }) => ({
            name: `critical, ${name.replace("Carillon ", "")}`,
            points: worstBySecond(run.sent, "critical"),
            ours: true,
          })),
          { name: "critical, nothing restarted", points: worstBySecond(calm.sent, "critical"), ours: false },
        ],
      },
      notes: [
        "Two workers each for critical, for everything else, and for lineage; a fifth of the messages is critical. Each successor is ready before its predecessor receives SIGTERM, as in rollouts of the chart.",
        "Latency counts from acceptance until the sandbox accepted the message, by lineage. All processes, including starting workers, share the machine's two cores with Kafka and the stores.",
      ],
    };
  },
};
