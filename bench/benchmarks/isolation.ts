import type { ConfigInput } from "../../config/schema.js";
import type { Channel } from "../../schemas/generated.js";
import { startWorker } from "../harness/child.js";
import { deleteTopics, endOf, uniquePrefix, withAdmin } from "../harness/kafka.js";
import { measureGrowth } from "../harness/measure-growth.js";
import { messageOf, preload } from "../harness/preload.js";
import { atScale, type Benchmark, type BenchmarkContext, type Contestant } from "../harness/result.js";

const fullCount = 20_000;
/** Number of messages queued for the provider that does not answer. */
const hangingCount = 2_000;
const workMs = 5;
/** Longest wait for a contestant that is blocked. */
const mostMs = 60_000;

const configOf = (context: BenchmarkContext, prefix: string): ConfigInput => {
  const queue = { partitions: 3, consumers: 1, concurrency: 64 };
  return {
    profile: "cluster",
    instance: "bench",
    topics: { prefix },
    jobs: { enabled: false },
    lanes: { critical: { partitions: 1, consumers: 1 }, high: { partitions: 1, consumers: 1 }, normal: queue, bulk: queue },
    receipts: queue,
    lineage: { partitions: 3, consumers: 1 },
    delivery: { sendTimeoutMs: 10_000 },
    runtime: { queues: ["intake/*", "dispatch/*", "respond/*"] },
    kafka: { brokers: [context.address("KAFKA")], client: "platformatic" },
    redis: { url: context.address("REDIS"), prefix },
    mongo: { url: context.address("MONGO"), database: prefix },
    registry: { url: context.address("REGISTRY") },
  };
};

const numberOf = (index: number): string => `+9198${String(index % 1_000_000).padStart(8, "0")}`;

/** `shared`: the unhealthy provider's messages use the same channel and lane as the others, so one consumer handles both. */
const measure = async (context: BenchmarkContext, name: string, unhealthy: "none" | "separate" | "shared"): Promise<Contestant> => {
  const broker = context.address("KAFKA");
  const prefix = uniquePrefix();
  const config = configOf(context, prefix);
  const [healthy, hanging] = [atScale(fullCount, context.scale), atScale(hangingCount, context.scale)];
  const hangs: Channel = "sms";
  const isIll = (index: number): boolean => index % Math.ceil((healthy + hanging) / hanging) === 0;
  await preload(
    config,
    healthy + hanging,
    (share) => context.progress(`${name}: ${Math.round(share * 100)} % accepted`),
    (index) =>
      isIll(index)
        ? messageOf(
            index,
            unhealthy === "shared" ? { to: `device-hangs-${index}` } : { channel: hangs, to: numberOf(index), content: { text: "Hello" } },
          )
        : messageOf(index),
  );
  const isHealthy = (index: number): boolean => unhealthy === "none" || !isIll(index);
  const delivered = Array.from({ length: healthy + hanging }, (_, index) => index).filter(isHealthy).length;
  const child = startWorker(
    "workers/carillon.ts",
    { config, answersAfterMs: { push: workMs, sms: unhealthy === "none" ? workMs : null }, hangsFor: "device-hangs" },
    ["--max-semi-space-size=64"],
  );
  try {
    await child.line();
    return await withAdmin(broker, async (admin) => {
      const { perSecond } = await measureGrowth(
        delivered,
        () => endOf(admin, `${prefix}.feedback`),
        (share, rate) => context.progress(`${name}: ${Math.round(share * 100)} %, ${Math.round(rate)}/s`),
        mostMs,
      );
      return { name, measures: { healthyPerSecond: perSecond } };
    });
  } finally {
    await child.stop();
    await deleteTopics(broker, prefix);
  }
};

export const isolation: Benchmark = {
  name: "isolation",
  work: "push messages, whose provider answers in 5 ms, while another provider hangs",
  servers: ["KAFKA", "REDIS", "MONGO", "REGISTRY"],
  run: async (context) => {
    const healthy = await measure(context, "Carillon, all providers healthy", "none");
    const separate = await measure(context, "Carillon, another channel's provider hangs", "separate");
    const shared = await measure(context, "the same on one shared consumer", "shared");
    const rate = ({ measures }: Contestant): number => measures.healthyPerSecond ?? Number.NaN;
    return {
      contestants: [healthy, separate, shared],
      ratios: [
        { name: "rate of the other channels, with one hanging / without", value: rate(separate) / rate(healthy), aim: 0.95, atLeast: true },
      ],
      notes: [
        `${atScale(fullCount, context.scale)} messages of the healthy channel, ${atScale(hangingCount, context.scale)} of the other, mixed, in all three runs. A call times out after 10 s.`,
        "The shared consumer has both in one topic, like a single queue. It is observed for one minute.",
      ],
    };
  },
};
