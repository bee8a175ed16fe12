import { completeMessage } from "../../client/complete-message.js";
import type { ConfigInput } from "../../config/schema.js";
import type { DeliveryFeedback, Lane } from "../../schemas/generated.js";
import { assemble } from "../../service/assemble.js";
import { loadConfig } from "../../service/load-config.js";
import { openStores } from "../../service/open-stores.js";
import { createAccepter } from "../../sources/accepter.js";
import { systemClock } from "../../stores/clock.js";
import { openJobs } from "../harness/bullmq.js";
import { startWorker } from "../harness/child.js";
import { deleteTopics, endOf, uniquePrefix, withAdmin } from "../harness/kafka.js";
import { measureGrowth } from "../harness/measure-growth.js";
import { messageOf, preload } from "../harness/preload.js";
import { atScale, type Benchmark, type BenchmarkContext, type Contestant, quantile } from "../harness/result.js";

const fullBulk = 200_000;
/** BullMQ is so slow that fewer messages suffice. */
const bullmqShare = 0.1;
const criticalPerSecond = 50;
/** The first messages warm up the process and are not counted. */
const warmUpMs = 5_000;
const criticalForMs = 20_000;
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
const criticalApart: Processes = [["critical"], ["normal", "bulk"]];

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

interface Lanes {
  readonly bulk: Lane;
  readonly critical: Lane;
}

interface Run {
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
const carillonRun = async (
  context: BenchmarkContext,
  name: string,
  { bulk, lanes, withCritical, processes = oneProcess, threads = 1 }: CarillonRun,
): Promise<Run> => {
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
    startWorker("workers/carillon.ts", { config: { ...config, runtime: { only: consuming(own), threads } } }, semiSpace),
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
    const latencies = feedback.filter(({ tenant }) => tenant === "critical").map(({ messageId, at }) => at - acceptedAtMs(messageId));
    // measured by bulk's own messages, because a small backlog ends before the last critical message is sent
    const endedAtMs = feedback.filter(({ tenant }) => tenant === "bench").map(({ at }) => at);
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

const bullmqRun = async (context: BenchmarkContext, name: string, bulk: number, withCritical: boolean): Promise<Run> => {
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

const measuresOf = (run: Run): Record<string, number> =>
  Object.fromEntries(Object.entries(run).filter(([, value]) => Number.isFinite(value) && value > 0));

const withoutBulk = ({ bulkPerSecond: _none, ...run }: Run): Record<string, number> => measuresOf(run);

export const priority: Benchmark = {
  name: "priority",
  work: "50 critical messages a second while 200,000 bulk messages wait",
  servers: ["KAFKA", "REDIS", "MONGO", "REGISTRY"],
  run: async (context) => {
    const bulk = atScale(fullBulk, context.scale);
    const lanes: Lanes = { bulk: "bulk", critical: "critical" };
    const alone = await carillonRun(context, "critical alone", { bulk: 0, lanes, withCritical: true });
    const bulkAlone = await carillonRun(context, "bulk alone", { bulk, lanes, withCritical: false });
    const both = await carillonRun(context, "one process, both", { bulk, lanes, withCritical: true });
    const threads = await carillonRun(context, "one process, two threads, both", { bulk, lanes, withCritical: true, threads: 2 });
    const apart = await carillonRun(context, "critical apart, both", { bulk, lanes, withCritical: true, processes: criticalApart });
    const fifo = await carillonRun(context, "one FIFO topic, both", {
      bulk,
      lanes: { bulk: "normal", critical: "normal" },
      withCritical: true,
    });
    const fewer = atScale(bulk, bullmqShare);
    const bullmqAlone = await bullmqRun(context, "BullMQ, critical alone", 0, true);
    const bullmqBoth = await bullmqRun(context, "BullMQ priorities, both", fewer, true);
    const contestants: Contestant[] = [
      { name: "Carillon, critical alone", measures: withoutBulk(alone) },
      { name: "Carillon, both in one process", measures: measuresOf(both) },
      { name: "Carillon, both in one process, critical in a thread of its own", measures: measuresOf(threads) },
      { name: "Carillon, critical in a process of its own", measures: measuresOf(apart) },
      { name: "one FIFO topic, both", measures: measuresOf(fifo) },
      { name: "BullMQ, critical alone", measures: withoutBulk(bullmqAlone) },
      { name: "BullMQ priorities, both", measures: measuresOf(bullmqBoth) },
      { name: "Carillon, bulk alone", measures: { criticalP99Ms: 0, bulkPerSecond: bulkAlone.bulkPerSecond ?? 0 } },
    ];
    const bulkRatio = (run: Run): number => (run.bulkPerSecond ?? Number.NaN) / (bulkAlone.bulkPerSecond ?? Number.NaN);
    return {
      contestants,
      ratios: [
        {
          name: "p99 of critical, with bulk / without, in a process of its own",
          value: apart.criticalP99Ms / alone.criticalP99Ms,
          aim: 2,
          atLeast: false,
        },
        {
          name: "p99 of critical, with bulk / without, in a thread of its own",
          value: threads.criticalP99Ms / alone.criticalP99Ms,
          aim: 2,
          atLeast: false,
        },
        {
          name: "p99 of critical, with bulk / without, in one process",
          value: both.criticalP99Ms / alone.criticalP99Ms,
          aim: 2,
          atLeast: false,
        },
        { name: "rate of bulk, with critical / without, in processes of their own", value: bulkRatio(apart), aim: 0.8, atLeast: true },
        { name: "rate of bulk, with critical / without, in one process", value: bulkRatio(both), aim: 0.8, atLeast: true },
        {
          name: "p99 of critical with bulk, Carillon / one FIFO topic",
          value: both.criticalP99Ms / fifo.criticalP99Ms,
          aim: 1,
          atLeast: false,
        },
        {
          name: "p99 of critical with bulk, Carillon / BullMQ priorities",
          value: both.criticalP99Ms / bullmqBoth.criticalP99Ms,
          aim: 1,
          atLeast: false,
        },
      ],
      notes: [
        `${bulk} bulk messages (BullMQ: ${fewer}); critical ones for ${criticalForMs / 1_000} s after ${warmUpMs / 1_000} s of warm-up; from acceptance to the decision that the message is delivered.`,
        "lateP99Ms: how much later than its time a critical message was sent, the load generator's own lag; a message's time counts from its acceptance.",
        "All processes share the machine's cores with the servers and with the one that sends.",
      ],
    };
  },
};
