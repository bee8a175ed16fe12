import { fileURLToPath } from "node:url";
import { completeMessage } from "../../client/complete-message.js";
import type { ConfigInput } from "../../config/schema.js";
import type { Lane } from "../../schemas/generated.js";
import { type Guarantee, guarantees, type KafkaClientName, kafkaClients } from "../../stores/event-log/event-log.js";
import { openJobs } from "../harness/bullmq.js";
import { type Child, startWorker } from "../harness/child.js";
import { startJava } from "../harness/java.js";
import { createTopics, deleteTopics, endOf, loadRecords, uniquePrefix, withAdmin } from "../harness/kafka.js";
import { measureGrowth } from "../harness/measure-growth.js";
import { messageOf, preload } from "../harness/preload.js";
import { atScale, type Benchmark, type BenchmarkContext, type Contestant } from "../harness/result.js";
import { between, runThrough } from "../harness/run-through.js";

const fullCount = 300_000;
/** BullMQ is so slow that fewer messages suffice to measure its rate. */
const bullmqShare = 0.2;
/** The same for the embedded profile, which also writes its lineage to its store. */
const embeddedShare = 0.1;
const partitions = 6;
const concurrency = 256;
const semiSpace = ["--max-semi-space-size=64"];

export const carillonConfig = (context: BenchmarkContext, prefix: string, client: KafkaClientName, guarantee: Guarantee): ConfigInput => {
  const queue = { partitions, consumers: 1, guarantee, concurrency };
  const idle = { partitions: 1, consumers: 1 };
  return {
    profile: "cluster",
    instance: "bench",
    topics: { prefix },
    jobs: { enabled: false },
    lanes: { critical: idle, high: idle, normal: queue, bulk: idle },
    receipts: queue,
    lineage: { partitions, consumers: 1 },
    runtime: { queues: ["intake/*", "dispatch/*", "respond/*"] },
    kafka: { brokers: [context.address("KAFKA")], client },
    redis: { url: context.address("REDIS"), prefix },
    mongo: { url: context.address("MONGO"), database: prefix },
    registry: { url: context.address("REGISTRY") },
  };
};

/** Lets a child process the backlog, and measures its rate. */
const drain = async (
  context: BenchmarkContext,
  name: string,
  child: Child,
  count: number,
  read: () => Promise<number>,
): Promise<Contestant> => {
  let residentMb = 0;
  try {
    await child.line();
    const beganCpuMs = child.cpuMs();
    const { perSecond } = await measureGrowth(count, read, (share, rate) => {
      residentMb = Math.max(residentMb, child.residentMb());
      context.progress(`${name}: ${Math.round(share * 100)} %, ${Math.round(rate)}/s`);
    });
    const cpuMicroseconds = ((child.cpuMs() - beganCpuMs) / count) * 1_000;
    return { name, measures: { messagesPerSecond: perSecond, cpuMicroseconds, residentMb } };
  } finally {
    await child.stop();
  }
};

const byFeedback = (broker: string, prefix: string, use: (read: () => Promise<number>) => Promise<Contestant>): Promise<Contestant> =>
  withAdmin(broker, (admin) => use(() => endOf(admin, `${prefix}.feedback`)));

/** The options in which a contestant differs. */
interface Different {
  readonly name: string;
  readonly config: ConfigInput;
  /** Lanes that messages use in turn; default: only `normal`. */
  readonly lanes?: readonly Lane[];
}

/** Threads consume by lane, so the messages use two lanes. The third thread has only the receipts, of which there are none. */
const twoThreads = (context: BenchmarkContext, count: number, guarantee: Guarantee): Promise<Contestant> => {
  const lane = { partitions: partitions / 2, consumers: 1, guarantee, concurrency };
  const idle = { partitions: 1, consumers: 1 };
  const config = {
    lanes: { critical: idle, high: idle, normal: lane, bulk: lane },
    runtime: { queues: ["intake/*.normal", "intake/*.bulk", "dispatch/*.normal", "dispatch/*.bulk", "respond/*"], threads: 3 },
  };
  return carillon(context, count, "platformatic", guarantee, { name: nameOfTwo(guarantee), config, lanes: ["normal", "bulk"] });
};

const nameOfTwo = (guarantee: Guarantee): string => `Carillon by platformatic, ${guarantee}, two busy threads`;

export const carillon = async (
  context: BenchmarkContext,
  count: number,
  client: KafkaClientName,
  guarantee: Guarantee,
  different: Different = { name: `Carillon by ${client}, ${guarantee}`, config: {} },
): Promise<Contestant> => {
  const { name, lanes = ["normal"] } = different;
  const prefix = uniquePrefix();
  const config = { ...carillonConfig(context, prefix, client, guarantee), ...different.config };
  await preload(
    config,
    count,
    (share) => context.progress(`${name}: ${Math.round(share * 100)} % accepted`),
    (index) => messageOf(index, { lane: lanes[index % lanes.length] ?? "normal" }),
  );
  try {
    return await byFeedback(context.address("KAFKA"), prefix, (read) =>
      drain(context, name, startWorker("workers/carillon.ts", { config }, semiSpace), count, read),
    );
  } finally {
    await deleteTopics(context.address("KAFKA"), prefix);
  }
};

export const relay = async (context: BenchmarkContext, count: number, client: KafkaClientName): Promise<Contestant> => {
  const name = `bare relay by ${client}`;
  const [broker, prefix] = [context.address("KAFKA"), uniquePrefix()];
  const topics = ["requests", "dispatch", "feedback", "lineage"].map((topic) => [`${prefix}.${topic}`, partitions]);
  await createTopics(broker, Object.fromEntries(topics) as Record<string, number>);
  const value = Buffer.alloc(1_000, 7);
  await loadRecords(
    broker,
    count,
    (index) => ({ topic: `${prefix}.requests`, key: `device-${index}`, value }),
    (loaded) => context.progress(`${name}: ${loaded} loaded`),
  );
  try {
    return await byFeedback(broker, prefix, (read) =>
      drain(context, name, startWorker("workers/relay.ts", { broker, client, prefix }, semiSpace), count, read),
    );
  } finally {
    await deleteTopics(broker, prefix);
  }
};

const streams = async (context: BenchmarkContext, count: number, guarantee: "at_least_once" | "exactly_once_v2"): Promise<Contestant> => {
  const name = `Kafka Streams, ${guarantee}`;
  const [broker, prefix] = [context.address("KAFKA"), uniquePrefix()];
  await preload(carillonConfig(context, prefix, "platformatic", "at_least_once"), count, (share) =>
    context.progress(`${name}: ${Math.round(share * 100)} % accepted`),
  );
  const schemas = fileURLToPath(new URL("../../schemas", import.meta.url));
  try {
    return await byFeedback(broker, prefix, async (read) =>
      drain(context, name, await startJava("StreamsPipeline", [broker, prefix, guarantee, "2", schemas]), count, read),
    );
  } finally {
    await deleteTopics(broker, prefix);
  }
};

const bullmq = async (context: BenchmarkContext, count: number): Promise<Contestant> => {
  const name = "BullMQ queues";
  const [redis, prefix] = [context.address("REDIS"), uniquePrefix()];
  const work = await openJobs(redis, prefix, "intake");
  const jobOf = (index: number) => ({ name: "message", data: completeMessage(messageOf(index), "bench", Date.now()) });
  await work.load(count, jobOf, (loaded) => context.progress(`${name}: ${loaded} loaded`));
  try {
    const child = startWorker("peers/bullmq-pipeline.ts", { redis, prefix, concurrency }, semiSpace);
    return await drain(context, name, child, count, async () => Number((await work.client.get(`${prefix}:delivered`)) ?? 0));
  } finally {
    await work.remove();
  }
};

const embedded = async (context: BenchmarkContext, count: number, guarantee: Guarantee): Promise<Contestant> => {
  const name = `Carillon embedded, ${guarantee}`;
  const { perSecond, ownMb } = between(await runThrough(context, "embedded", { name, count, guarantee }), 0, 1);
  return { name, measures: { messagesPerSecond: perSecond, residentMb: ownMb } };
};

/** One client sends in batches and forwards bare records twice as fast as the other, so its relay is harder to match. */
const aimsOfRelay: Readonly<Record<KafkaClientName, number>> = { kafkajs: 0.5, platformatic: 0.3 };

const rateOf = (contestants: readonly Contestant[], name: string): number =>
  contestants.find((contestant) => contestant.name === name)?.measures.messagesPerSecond ?? Number.NaN;

export const pipeline: Benchmark = {
  name: "pipeline",
  work: "messages of 1 KB, from accepted to delivered: two hops, every lineage step in its topic, a provider that answers immediately",
  servers: ["KAFKA", "REDIS", "MONGO", "REGISTRY"],
  run: async (context) => {
    const count = atScale(fullCount, context.scale);
    const contestants: Contestant[] = [];
    for (const client of kafkaClients) {
      contestants.push(await relay(context, count, client));
      contestants.push(await carillon(context, count, client, "at_least_once"));
      contestants.push(await carillon(context, count, client, "exactly_once"));
    }
    contestants.push(await carillon(context, count, "platformatic", "at_most_once"));
    for (const guarantee of ["at_least_once", "exactly_once"] as const) contestants.push(await twoThreads(context, count, guarantee));
    for (const guarantee of ["at_least_once", "exactly_once_v2"] as const) contestants.push(await streams(context, count, guarantee));
    contestants.push(await bullmq(context, atScale(count, bullmqShare)));
    for (const guarantee of guarantees) contestants.push(await embedded(context, atScale(count, embeddedShare), guarantee));
    const best = rateOf(contestants, "Carillon by platformatic, at_least_once");
    const ratioTo = (name: string, of = best): number => of / rateOf(contestants, name);
    return {
      contestants,
      ratios: [
        ...kafkaClients.map((client) => ({
          name: `Carillon / bare relay, by ${client}`,
          value: ratioTo(`bare relay by ${client}`, rateOf(contestants, `Carillon by ${client}, at_least_once`)),
          aim: aimsOfRelay[client],
          atLeast: true,
        })),
        { name: "Carillon / BullMQ", value: ratioTo("BullMQ queues"), aim: 3, atLeast: true },
        {
          name: "Carillon / Kafka Streams, both with two busy threads, at_least_once",
          value: ratioTo("Kafka Streams, at_least_once", rateOf(contestants, nameOfTwo("at_least_once"))),
          aim: 0.5,
          atLeast: true,
        },
        {
          name: "Carillon / Kafka Streams, both with two busy threads, exactly_once",
          value: ratioTo("Kafka Streams, exactly_once_v2", rateOf(contestants, nameOfTwo("exactly_once"))),
          aim: 0.5,
          atLeast: true,
        },
        {
          name: "CPU of Carillon per message, by platformatic, in units of 100 µs",
          value:
            (contestants.find(({ name }) => name === "Carillon by platformatic, at_least_once")?.measures.cpuMicroseconds ?? Number.NaN) /
            100,
          aim: 1,
          atLeast: false,
          ofMachine: true,
        },
      ],
      notes: [
        `${count} messages are queued in ${partitions} partitions before the contestant starts. The rate covers its first to its last delivery.`,
        "Carillon: one process, one thread unless two are stated, claims and message cache in Redis. Kafka Streams: one process, two threads, RocksDB stores with changelogs.",
        "Two busy threads: half of the messages use the lane normal and half use bulk, and each lane has a thread.",
        "cpuMicroseconds: user and system time of the whole process per message, including garbage collection and compilation.",
        "The bare relay forwards the same number of records of the same sizes over the same hops with Carillon's own adapter, and does nothing else.",
        `BullMQ: ${atScale(count, bullmqShare)} messages. Carillon embedded: ${atScale(count, embeddedShare)}, one process without servers, every write synced to disk, lineage also written to its store.`,
        "The lineage topic is written but not read. The lineage store has a separate benchmark (lineage).",
      ],
    };
  },
};
