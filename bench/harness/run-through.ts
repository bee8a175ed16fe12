import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CheckedMessage } from "../../client/check-message.js";
import type { ConfigInput } from "../../config/schema.js";
import { systemClock } from "../../stores/clock.js";
import type { Guarantee } from "../../stores/event-log/event-log.js";
import { startWorker } from "./child.js";
import { deleteTopics, uniquePrefix } from "./kafka.js";
import { messageOf, preload } from "./preload.js";
import type { BenchmarkContext } from "./result.js";

/** A run's progress at a time. */
export interface Sample {
  readonly atMs: number;
  /** Completed messages: intake counts as half of one, its end as the other half. */
  readonly done: number;
  /** The process's memory without mapped files. */
  readonly ownMb: number;
}

export interface Work {
  readonly name: string;
  readonly count: number;
  readonly message?: (index: number) => CheckedMessage;
  /** Number of messages processed before the measurement, as history. */
  readonly before?: number;
  readonly guarantee?: Guarantee;
  /** Whether the worker accepts the messages itself while it works, instead of starting with a backlog. */
  readonly fed?: boolean;
  /** Inspects the servers before the topics are deleted. */
  readonly atEnd?: (prefix: string) => Promise<void>;
}

export type ProfileName = "embedded" | "cluster";

const sampleEveryMs = 500;
const deadlineMs = 3_600_000;
const semiSpace = ["--max-semi-space-size=64"];

/** One process that uses only one lane. */
export const configOf = (
  context: BenchmarkContext,
  profile: ProfileName,
  folder: string,
  prefix: string,
  guarantee: Guarantee,
): ConfigInput => {
  const queue = { partitions: 4, consumers: 1, concurrency: 128, guarantee };
  const idle = { partitions: 1, consumers: 1 };
  const common = {
    profile,
    instance: "bench",
    dataDir: folder,
    topics: { prefix },
    http: { enabled: true, port: 0 },
    jobs: { enabled: false },
    lanes: { critical: idle, high: idle, normal: queue, bulk: idle },
    lineage: { partitions: 4, consumers: 1 },
  };
  if (profile === "embedded") return common;
  return {
    ...common,
    // the lineage topic is written but not read: its store has a separate benchmark
    runtime: { queues: ["intake/*", "dispatch/*", "respond/*"] },
    kafka: { brokers: [context.address("KAFKA")], client: "platformatic" },
    redis: { url: context.address("REDIS"), prefix },
    mongo: { url: context.address("MONGO"), database: prefix },
    registry: { url: context.address("REGISTRY") },
  };
};

/** Number of accepted messages and of final ones. */
export const countsOf = async (url: string): Promise<{ readonly taken: number; readonly dispatched: number; readonly ended: number }> => {
  const metrics = await (await fetch(`${url}/metrics`)).text();
  const count = (stage: string): number =>
    Number(new RegExp(`carillon_stage_seconds_count\\{stage="${stage}"\\} (\\d+)`).exec(metrics)?.[1] ?? 0);
  return { taken: count("validate"), dispatched: count("dispatch"), ended: count("feedback") };
};

/** Makes a new Carillon accept this number of messages and process them. Resolves with the samples. */
export const runThrough = async (context: BenchmarkContext, profile: ProfileName, work: Work): Promise<Sample[]> => {
  const { name, count, message = messageOf, before = 0, atEnd, guarantee = "at_least_once", fed = false } = work;
  const folder = await mkdtemp(join(tmpdir(), "carillon-bench-"));
  const prefix = uniquePrefix();
  const config = configOf(context, profile, folder, prefix, guarantee);
  try {
    if (!fed) await preload(config, before + count, (share) => context.progress(`${name}: ${Math.round(share * 100)} % accepted`), message);
    const child = startWorker("workers/carillon.ts", { config, ...(fed ? { feed: count } : {}) }, semiSpace);
    try {
      const { url } = await child.line();
      const samples: Sample[] = [];
      const begin = performance.now();
      for (;;) {
        const { taken, ended } = await countsOf(String(url));
        const atMs = performance.now() - begin;
        const done = (taken + ended) / 2 - before;
        if (done >= 0) samples.push({ atMs, done, ownMb: child.ownMb() });
        context.progress(`${name}: ${ended} of ${before + count}`);
        if (ended >= before + count) {
          await atEnd?.(prefix);
          return samples;
        }
        if (atMs > deadlineMs) throw new Error(`${name}: only ${ended} of ${before + count} after an hour`);
        await systemClock.sleep(sampleEveryMs);
      }
    } finally {
      await child.stop();
    }
  } finally {
    if (profile === "cluster") await deleteTopics(context.address("KAFKA"), prefix);
    await rm(folder, { recursive: true, force: true });
  }
};

/** Rate and memory between two fractions of the work. */
export const between = (samples: readonly Sample[], from: number, to: number): { readonly perSecond: number; readonly ownMb: number } => {
  const total = samples.at(-1)?.done ?? 0;
  const own = samples.filter(({ done }) => done >= total * from && done <= total * to);
  const [first, last] = [own[0], own.at(-1)];
  if (!first || !last || last.atMs === first.atMs) return { perSecond: Number.NaN, ownMb: last?.ownMb ?? Number.NaN };
  return {
    perSecond: ((last.done - first.done) / (last.atMs - first.atMs)) * 1_000,
    ownMb: own.reduce((sum, { ownMb }) => sum + ownMb, 0) / own.length,
  };
};
