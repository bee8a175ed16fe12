import { Redis } from "ioredis";
import { bytesOfTopics } from "../harness/kafka.js";
import { atScale, type Benchmark, type BenchmarkContext, type Contestant, type Ratio } from "../harness/result.js";
import { between, type ProfileName, runThrough, type Sample } from "../harness/run-through.js";

const fullCount = 1_000_000;
const parts = 20;
/** The first part warms up the process, and the next ones are the baseline. */
const start = [1 / parts, 3 / parts] as const;
const end = [1 - 2 / parts, 1] as const;

const contestantsOf = (profile: ProfileName, samples: readonly Sample[]): Contestant[] => [
  {
    name: `Carillon, ${profile}, at the start`,
    measures: { messagesPerSecond: between(samples, ...start).perSecond, ownMb: between(samples, ...start).ownMb },
  },
  {
    name: `Carillon, ${profile}, at the end`,
    measures: { messagesPerSecond: between(samples, ...end).perSecond, ownMb: between(samples, ...end).ownMb },
  },
];

const ratiosOf = (profile: ProfileName, samples: readonly Sample[]): Ratio[] => [
  {
    name: `rate at the end / at the start, ${profile}`,
    value: between(samples, ...end).perSecond / between(samples, ...start).perSecond,
    aim: 0.9,
    atLeast: true,
  },
  {
    name: `memory at the end / at the start, ${profile}`,
    value: between(samples, ...end).ownMb / between(samples, ...start).ownMb,
    aim: 1.2,
    atLeast: false,
  },
];

/** Redis's memory use and its number of commands so far. */
const redisStateOf = async (context: BenchmarkContext): Promise<{ readonly bytes: number; readonly commands: number }> => {
  const redis = new Redis(context.address("REDIS"));
  try {
    const info = await redis.info();
    const field = (name: string): number => Number(new RegExp(`${name}:(\\d+)`).exec(info)?.[1] ?? Number.NaN);
    return { bytes: field("used_memory"), commands: field("total_commands_processed") };
  } finally {
    redis.disconnect();
  }
};

/** Rate and memory of each part, relative to the baseline. */
const linesOf = (profile: ProfileName, samples: readonly Sample[]) => {
  const count = samples.at(-1)?.done ?? 0;
  const first = between(samples, ...start);
  const part = (index: number) => between(samples, index / parts, (index + 1) / parts);
  const line = (name: string, of: (index: number) => number) => ({
    name: `${profile}: ${name}`,
    ours: true,
    points: Array.from({ length: parts - 1 }, (_, index): [number, number] => [((index + 2) / parts) * count, of(index + 1)]),
  });
  return [line("rate", (index) => part(index).perSecond / first.perSecond), line("memory", (index) => part(index).ownMb / first.ownMb)];
};

export const soak: Benchmark = {
  name: "soak",
  work: "a million messages of 1 KB, from accepted to delivered, by one process of each profile, compared with its own start",
  servers: ["KAFKA", "REDIS", "MONGO", "REGISTRY"],
  run: async (context) => {
    const count = atScale(fullCount, context.scale);
    const embedded = await runThrough(context, "embedded", { name: "embedded", count, fed: true });
    const before = await redisStateOf(context);
    let logBytes = 0;
    const cluster = await runThrough(context, "cluster", {
      name: "cluster",
      count,
      fed: true,
      atEnd: async (prefix) => {
        logBytes = await bytesOfTopics(context.address("KAFKA"), prefix);
      },
    });
    const after = await redisStateOf(context);
    return {
      contestants: [
        ...contestantsOf("embedded", embedded),
        ...contestantsOf("cluster", cluster),
        {
          name: "what the servers keep and do",
          measures: {
            redisBytes: (after.bytes - before.bytes) / count,
            redisCommands: (after.commands - before.commands) / count,
            logBytes: logBytes / count,
          },
        },
      ],
      ratios: [...ratiosOf("embedded", embedded), ...ratiosOf("cluster", cluster)],
      lines: {
        xUnit: "messages",
        yUnit: "relative to the start",
        of: [...linesOf("embedded", embedded), ...linesOf("cluster", cluster)],
      },
      notes: [
        `${count} messages on each profile, accepted by the same process while it processes them, at most 10,000 ahead. Start: from one to three twentieths of the messages. End: the last tenth. Memory: of the process, without mapped files.`,
        "Embedded: everything, including the lineage store. Cluster: intake and dispatch with the platformatic client, claims in Redis, lineage written to its topic.",
      ],
    };
  },
};
