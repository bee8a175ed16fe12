import { criticalApart, criticalForMs, type Lanes, type PriorityRun, runBullmq, runCarillon, warmUpMs } from "../harness/priority.js";
import { atScale, type Benchmark, type Contestant } from "../harness/result.js";

const fullBulk = 200_000;
/** BullMQ takes longer for each message, so fewer last as long as the critical ones arrive. */
const bullmqShare = 0.25;

const measuresOf = (run: PriorityRun): Record<string, number> =>
  Object.fromEntries(Object.entries(run).filter(([, value]) => Number.isFinite(value) && value > 0));

const withoutBulk = ({ bulkPerSecond: _none, ...run }: PriorityRun): Record<string, number> => measuresOf(run);

export const priority: Benchmark = {
  name: "priority",
  work: "50 critical messages per second while 200,000 bulk messages are queued",
  servers: ["KAFKA", "REDIS", "MONGO", "REGISTRY"],
  run: async (context) => {
    const bulk = atScale(fullBulk, context.scale);
    const lanes: Lanes = { bulk: "bulk", critical: "critical" };
    const alone = await runCarillon(context, "critical alone", { bulk: 0, lanes, withCritical: true });
    const bulkAlone = await runCarillon(context, "bulk alone", { bulk, lanes, withCritical: false });
    const both = await runCarillon(context, "one process, both", { bulk, lanes, withCritical: true });
    const threads = await runCarillon(context, "one process, two threads, both", { bulk, lanes, withCritical: true, threads: 2 });
    const apart = await runCarillon(context, "critical apart, both", { bulk, lanes, withCritical: true, processes: criticalApart });
    const fifo = await runCarillon(context, "one FIFO topic, both", {
      bulk,
      lanes: { bulk: "normal", critical: "normal" },
      withCritical: true,
    });
    const fewer = atScale(bulk, bullmqShare);
    const bullmqAlone = await runBullmq(context, "BullMQ, critical alone", 0, true);
    const bullmqBoth = await runBullmq(context, "BullMQ priorities, both", fewer, true);
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
    const bulkRatio = (run: PriorityRun): number => (run.bulkPerSecond ?? Number.NaN) / (bulkAlone.bulkPerSecond ?? Number.NaN);
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
        `${bulk} bulk messages (BullMQ: ${fewer}); critical ones for ${criticalForMs / 1_000} s after ${warmUpMs / 1_000} s of warm-up. Latency counts from acceptance to the decision that the message is delivered, for messages accepted while bulk was still queued.`,
        "lateP99Ms: the load generator's own lag, from a critical message's scheduled time until it was sent. Latency counts from acceptance.",
        "All processes share the machine's cores with the servers and the load generator.",
      ],
    };
  },
};
