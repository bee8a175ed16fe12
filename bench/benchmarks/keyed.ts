import { type Child, startWorker } from "../harness/child.js";
import { startJava } from "../harness/java.js";
import { createTopics, deleteTopics, loadRecords, uniquePrefix } from "../harness/kafka.js";
import { atScale, type Benchmark, type BenchmarkContext, type Contestant } from "../harness/result.js";
import type { KeyedWorker } from "../workers/keyed.js";

const fullCount = 10_000;
const concurrency = 64;
const mostWorkMs = 5;

/** The same work in each run: 0 to 5 ms, derived only from the index. */
const workMs = (index: number): number => (Math.imul(index + 1, 0x9e3779b1) >>> 16) % (mostWorkMs + 1);

const timeOf = async (context: BenchmarkContext, name: string, start: () => Child | Promise<Child>): Promise<Contestant> => {
  context.progress(name);
  const child = await start();
  try {
    for (;;) {
      const { ms } = await child.line();
      if (typeof ms === "number") return { name, measures: { seconds: ms / 1_000 } };
    }
  } finally {
    await child.stop();
  }
};

const withKeys = async (context: BenchmarkContext, count: number, keys: number): Promise<Contestant[]> => {
  const broker = context.address("KAFKA");
  const topic = uniquePrefix();
  await createTopics(broker, { [topic]: 1 });
  await loadRecords(broker, count, (index) => ({ topic, key: `key-${index % keys}`, value: Buffer.from(String(workMs(index))) }));
  const worker = (client: KeyedWorker["client"], atOnce: number): Child => {
    const options: KeyedWorker = { broker, client, group: uniquePrefix(), topic, records: count, concurrency: atOnce };
    return startWorker("workers/keyed.ts", options);
  };
  const what = `${keys} keys`;
  try {
    return [
      await timeOf(context, `Carillon's runtime, ${what}`, () => worker("platformatic", concurrency)),
      await timeOf(context, `Parallel Consumer, ${what}`, () =>
        startJava("KeyedParallelConsumer", [broker, uniquePrefix(), topic, String(count), String(concurrency)]),
      ),
      await timeOf(context, `serial consumer, ${what}`, () => worker("platformatic", 1)),
    ];
  } finally {
    await deleteTopics(broker, topic);
  }
};

export const keyed: Benchmark = {
  name: "keyed",
  work: "records of one partition, 0 to 5 ms of work each, in order per key",
  servers: ["KAFKA"],
  run: async (context) => {
    const count = atScale(fullCount, context.scale);
    const [many, few] = [await withKeys(context, count, count), await withKeys(context, count, 20)];
    const ratio = ([ours, theirs]: readonly Contestant[]): number =>
      (ours?.measures.seconds ?? Number.NaN) / (theirs?.measures.seconds ?? Number.NaN);
    return {
      contestants: [...many, ...few],
      ratios: [
        { name: "time with as many keys as records, Carillon / Parallel Consumer", value: ratio(many), aim: 1, atLeast: false },
        { name: "time with 20 keys, Carillon / Parallel Consumer", value: ratio(few), aim: 1, atLeast: false },
      ],
      notes: [
        `${count} records, ${concurrency} concurrent in both. The work is waiting, as for a provider's answer. Time counts from the start of the first record to the end of the last.`,
        "The serial consumer is Carillon's, with one record at a time.",
      ],
    };
  },
};
