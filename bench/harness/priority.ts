import { completeMessage } from "../../client/complete-message.js";
import type { ConfigInput } from "../../config/schema.js";
import type { DeliveryFeedback, Lane } from "../../schemas/generated.js";
import { assemble } from "../../service/assemble.js";
import { loadConfig } from "../../service/load-config.js";
import { openStores } from "../../service/open-stores.js";
import { createAccepter } from "../../sources/accepter.js";
import { systemClock } from "../../stores/clock.js";
import { openJobs } from "./bullmq.js";
import { startWorker } from "./child.js";
import { deleteTopics, endOf, uniquePrefix, withAdmin } from "./kafka.js";
import { measureGrowth } from "./measure-growth.js";
import { messageOf, preload } from "./preload.js";
import { type BenchmarkContext, quantile } from "./result.js";

const criticalPerSecond = 50;
/** The first messages warm up the process and are not counted. */
export const warmUpMs = 5_000;
export const criticalForMs = 20_000;
const criticalCount = ((warmUpMs + criticalForMs) / 1_000) * criticalPerSecond;
const warmUpCount = (warmUpMs / 1_000) * criticalPerSecond;
type Processes = readonly (readonly Lane[])[];
const semiSpace = ["--max-semi-space-size=64"];

const consuming = (lanes: readonly Lane[]): string[] => [
  ...lanes.flatMap((lane) => [`intake/*.${lane}`, `dispatch/*.${lane}`]),
  "respond/*",
];
/** The queues of each process: all lanes in one process, or the urgent lane in a separate one. */
const oneProcess: Processes = [["critical", "normal", "bulk"]];
export const criticalApart: Processes = [["critical"], ["normal", "bulk"]];

const configOf = (context: BenchmarkContext, prefix: string): ConfigInput => {
  const queue = { partitions: 3, consumers: 1, concurrency: 128 };
  return {
    profile: "cluster",
    instance: "bench",
    topics: { prefix },
    jobs: { enabled: false },
    lanes: { critical: queue, high: { partitions: 1, consumers: 1 }, normal: queue, bulk: queue },
    receipts: queue,
    lineage: { partitions: 3, consumers: 1 },
    kafka: { brokers: [context.address("KAFKA")], client: "platformatic" },
    redis: { url: context.address("REDIS"), prefix },
    mongo: { url: context.address("MONGO"), database: prefix },
    registry: { url: context.address("REGISTRY") },
  };
};

/** Sends the critical messages at an even pace. Resolves when all are sent, with the p99 of their delay from the schedule. */
const atPace = async (send: (index: number) => Promise<unknown>): Promise<number> => {
  const begin = performance.now();
  const sent: Promise<unknown>[] = [];
  const lateMs: number[] = [];
  for (let index = 0; index < criticalCount; index += 1) {
    const dueMs = begin + (index * 1_000) / criticalPerSecond;
    await systemClock.sleep(Math.max(0, dueMs - performance.now()));
    if (index >= warmUpCount) lateMs.push(Math.max(0, performance.now() - dueMs));
    sent.push(send(index));
  }
  await Promise.all(sent);
  return quantile(lateMs, 0.99);
};

export interface Lanes {
  readonly bulk: Lane;
  readonly critical: Lane;
}

export interface PriorityRun {
  readonly criticalP99Ms: number;
  readonly criticalP50Ms: number;
  /** Delay of the critical messages from their schedule: the load generator's own lag. */
  readonly lateP99Ms?: number;
  /** The rate of bulk; absent for BullMQ, whose last critical job ends the run. */
  readonly bulkPerSecond?: number;
}

interface CarillonRun {
  readonly bulk: number;
  readonly lanes: Lanes;
  readonly withCritical: boolean;
  readonly processes?: Processes;
  /** Threads of each process. */
  readonly threads?: number;
}

/** Runs Carillon with `bulk` queued messages, and optionally with critical ones arriving meanwhile. */
export const runCarillon = async (
  context: BenchmarkContext,
  name: string,
  { bulk, lanes, withCritical, processes = oneProcess, threads = 1 }: CarillonRun,
): Promise<PriorityRun> => {
  const broker = context.address("KAFKA");
  const prefix = uniquePrefix();
  const config = configOf(context, prefix);
  await preload(
    config,
    bulk,
    (share) => context.progress(`${name}: ${Math.round(share * 100)} % accepted`),
    (index) => messageOf(index, { lane: lanes.bulk }),
  );
  const loaded = loadConfig({ environment: {}, overrides: config });
  const stores = await openStores(loaded, systemClock, () => undefined);
  const assembly = await assemble(loaded, stores, systemClock);
  const accepter = createAccepter(assembly, "command line", stores.log, systemClock);
  const children = processes.map((own) =>
    startWorker("workers/carillon.ts", { config: { ...config, runtime: { queues: consuming(own), threads } } }, semiSpace),
  );
  try {
    await Promise.all(children.map((child) => child.line()));
    const sending = withCritical
      ? systemClock
          .sleep(3_000) // once it runs at full speed
          .then(() =>
            atPace((index) =>
              accepter.accept(
                [messageOf(index, { lane: lanes.critical, to: `critical-${index}` })],
                index < warmUpCount ? "warm-up" : "critical",
              ),
            ),
          )
      : Promise.resolve(undefined);
    const total = bulk + (withCritical ? criticalCount : 0);
    await withAdmin(broker, (admin) =>
      measureGrowth(
        total,
        () => endOf(admin, `${prefix}.feedback`),
        (share, rate) => context.progress(`${name}: ${Math.round(share * 100)} %, ${Math.round(rate)}/s`),
      ),
    );
    const lateP99Ms = await sending;
    const codec = assembly.codecs.of(assembly.families.feedback);
    const records = await stores.log.scan(`${prefix}.feedback`, total);
    const feedback: DeliveryFeedback[] = await Promise.all(records.map(async ({ value }) => codec.decode(value)));
    // a message id contains the millisecond of its acceptance (UUID version 7)
    const acceptedAtMs = (id: string): number => Number.parseInt(id.replaceAll("-", "").slice(0, 12), 16);
    // measured by bulk's own messages, because a small backlog ends before the last critical message is sent
    const endedAtMs = feedback.filter(({ tenant }) => tenant === "bench").map(({ at }) => at);
    const queuedUntilMs = bulk > 0 ? quantile(endedAtMs, 1) : Number.POSITIVE_INFINITY;
    const latencies = feedback
      .filter(({ tenant, messageId }) => tenant === "critical" && acceptedAtMs(messageId) < queuedUntilMs)
      .map(({ messageId, at }) => at - acceptedAtMs(messageId));
    const bulkMs = quantile(endedAtMs, 1) - quantile(endedAtMs, 0);
    const bulkPerSecond = (endedAtMs.length / bulkMs) * 1_000;
    return {
      criticalP99Ms: quantile(latencies, 0.99),
      criticalP50Ms: quantile(latencies, 0.5),
      bulkPerSecond,
      ...(lateP99Ms === undefined ? {} : { lateP99Ms }),
    };
  } finally {
    await Promise.all(children.map((child) => child.stop()));
    await stores.close();
    await deleteTopics(broker, prefix);
  }
};

export const runBullmq = async (context: BenchmarkContext, name: string, bulk: number, withCritical: boolean): Promise<PriorityRun> => {
  const [redis, prefix] = [context.address("REDIS"), uniquePrefix()];
  const work = await openJobs(redis, prefix, "intake");
  const request = (index: number) => completeMessage(messageOf(index), "bench", Date.now());
  const jobOf = (index: number) => ({ name: "message", data: { ...request(index), priority: 10 }, opts: { priority: 10 } });
  await work.load(bulk, jobOf, (loaded) => context.progress(`${name}: ${loaded} loaded`));
  const child = startWorker("peers/bullmq-pipeline.ts", { redis, prefix, concurrency: 128 }, semiSpace);
  try {
    await child.line();
    const sending = withCritical
      ? systemClock
          .sleep(3_000)
          .then(() =>
            atPace((index) =>
              work.queue.add(
                "message",
                { ...request(bulk + index), priority: 1, ...(index < warmUpCount ? {} : { sentAtMs: Date.now() }) },
                { priority: 1 },
              ),
            ),
          )
      : Promise.resolve(undefined);
    await measureGrowth(
      bulk + (withCritical ? criticalCount : 0),
      async () => Number((await work.client.get(`${prefix}:delivered`)) ?? 0),
      (share, rate) => context.progress(`${name}: ${Math.round(share * 100)} %, ${Math.round(rate)}/s`),
    );
    const lateP99Ms = await sending;
    const latencies = (await work.client.lrange(`${prefix}:latency`, 0, -1)).map(Number);
    return {
      criticalP99Ms: quantile(latencies, 0.99),
      criticalP50Ms: quantile(latencies, 0.5),
      ...(lateP99Ms === undefined ? {} : { lateP99Ms }),
    };
  } finally {
    await child.stop();
    await work.remove();
  }
};
