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

/** How far a run was at a time. */
export interface Sample {
  readonly atMs: number;
  readonly ended: number;
  /** Memory of the process that is not mapped files. */
  readonly ownMb: number;
}

export interface Work {
  readonly name: string;
  readonly count: number;
  readonly message?: (index: number) => CheckedMessage;
  /** So many of the messages are worked off before the measuring begins: history. */
  readonly before?: number;
  readonly guarantee?: Guarantee;
  /** Looks at the servers before the topics go. */
  readonly atEnd?: (prefix: string) => Promise<void>;
}

export type ProfileName = "embedded" | "cluster";

const sampleEveryMs = 500;
const deadlineMs = 3_600_000;
const semiSpace = ["--max-semi-space-size=64"];

const configOf = (context: BenchmarkContext, profile: ProfileName, folder: string, prefix: string, guarantee: Guarantee): ConfigInput => {
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
    // the lineage topic is written, not read: the store behind it has a benchmark of its own
    runtime: { only: ["intake/*", "dispatch/*", "respond/*"] },
    kafka: { brokers: [context.address("KAFKA")], client: "platformatic" },
    redis: { url: context.address("REDIS"), prefix },
    mongo: { url: context.address("MONGO"), database: prefix },
    registry: { url: context.address("REGISTRY") },
  };
};

const endedOf = async (url: string): Promise<number> => {
  const metrics = await (await fetch(`${url}/metrics`)).text();
  return Number(/carillon_stage_seconds_count\{stage="feedback"\} (\d+)/.exec(metrics)?.[1] ?? 0);
};

/** Has a fresh Carillon accept that many messages, then work them off; resolves with how that went. */
export const runThrough = async (context: BenchmarkContext, profile: ProfileName, work: Work): Promise<Sample[]> => {
  const { name, count, message = messageOf, before = 0, atEnd, guarantee = "at_least_once" } = work;
  const folder = await mkdtemp(join(tmpdir(), "carillon-bench-"));
  const prefix = uniquePrefix();
  const config = configOf(context, profile, folder, prefix, guarantee);
  try {
    await preload(config, before + count, (share) => context.progress(`${name}: ${Math.round(share * 100)} % accepted`), message);
    const child = startWorker("workers/carillon.ts", { config }, semiSpace);
    try {
      const { url } = await child.line();
      const samples: Sample[] = [];
      const begin = performance.now();
      for (;;) {
        const ended = await endedOf(String(url));
        const atMs = performance.now() - begin;
        if (ended >= before) samples.push({ atMs, ended: ended - before, ownMb: child.ownMb() });
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

/** Of the samples between two shares of the work. */
export const between = (samples: readonly Sample[], from: number, to: number): { readonly perSecond: number; readonly ownMb: number } => {
  const total = samples.at(-1)?.ended ?? 0;
  const own = samples.filter(({ ended }) => ended >= total * from && ended <= total * to);
  const [first, last] = [own[0], own.at(-1)];
  if (!first || !last || last.atMs === first.atMs) return { perSecond: Number.NaN, ownMb: last?.ownMb ?? Number.NaN };
  return {
    perSecond: ((last.ended - first.ended) / (last.atMs - first.atMs)) * 1_000,
    ownMb: own.reduce((sum, { ownMb }) => sum + ownMb, 0) / own.length,
  };
};
