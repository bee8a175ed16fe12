import { type Asking, ask } from "../../../engine/ask.js";
import { createTopology } from "../../../engine/builder.js";
import { queueSet } from "../../../engine/queue.js";
import { runBatch } from "../../../engine/runtime/batch-runner.js";
import { createBatchHandler } from "../../../engine/runtime/record-handler.js";
import type { Stage, StageContext } from "../../../engine/stage.js";
import type { TopicFamily } from "../../../engine/topic-family.js";
import type { RecordType } from "../../../schemas/records.js";
import type { LogRecord, RecordBatch } from "../../../stores/event-log/event-log.js";
import { createVirtualClock, type VirtualClock } from "../../../stores/virtual-clock.js";
import { whileTimePasses } from "../../support/pass-time.js";

const text = { name: "Text", schema: "string", key: (value: string) => value } as unknown as RecordType<string>;
const familyOf = (name: string): TopicFamily<string> => ({ name, record: text, members: [{ name, partitions: 1 }], select: () => name });
const words = familyOf("words");
const loud = familyOf("loud");
const codec = { encode: (value: unknown) => Buffer.from(String(value)), key: String, decode: (bytes: Buffer | null) => String(bytes) };

export type Ports = { readonly out: string };
export type Asked = Stage<string, void, Ports>;

/** Runs one batch of words through a stage and returns the results. */
export const runWords = async (
  keysAndWords: readonly (readonly [key: string, word: string])[],
  process: Asked["process"],
  concurrency = 100,
) => {
  const virtual = createVirtualClock();
  let timersSet = 0;
  const clock: VirtualClock = {
    ...virtual,
    after: (ms, then) => {
      timersSet += 1;
      return virtual.after(ms, then);
    },
  };
  const topology = createTopology("test");
  topology.topics(words);
  topology.topics(loud);
  topology.source("people", words);
  topology.reader("ears", loud);
  const queues = queueSet("shout", words);
  topology
    .subTopology(queues)
    .through<void, Ports>({ name: "shout", ports: ["out"], process })
    .to({ out: loud });
  const { subTopologies } = topology.build();
  const [sub] = subTopologies;
  const [queue] = queues.queues;
  if (!sub || !queue) throw new Error("no sub-topology");
  const out: string[] = [];
  const commits: number[] = [];
  const batch: RecordBatch = {
    topic: "words",
    partition: 0,
    records: keysAndWords.map(
      ([key, word], offset): LogRecord => ({
        topic: "words",
        partition: 0,
        offset,
        key: Buffer.from(key),
        value: Buffer.from(word),
        headers: {},
        timestampMs: 0,
      }),
    ),
    signal: new AbortController().signal,
    progress: () => undefined,
    append: async (outputs) => void out.push(...outputs.map(({ value }) => String(value))),
    commit: async (next) => void commits.push(next),
  };
  const handle = createBatchHandler(sub, queue, {
    codecs: { of: () => codec as never },
    clock,
    instance: "test",
    topicOf: (member) => member,
    stageTimeoutMs: 1_000,
    requeueTimeoutMs: 0,
    deadLetter: async ({ value }, stage, { code }) => ({
      outputs: [{ topic: "dead", key: null, value: Buffer.from(`${value} died in ${stage}: ${code}`) }],
      schedules: [],
      cancels: [],
    }),
    origin: { instance: "test" },
  });
  const timers = { schedule: async () => undefined, cancel: async () => undefined };
  const options = { guarantee: "at_least_once", concurrency, drainMs: 100, commitEveryMs: 20 } as const;
  const running = runBatch(batch, options, { handle, timers, clock });
  return { running: whileTimePasses(clock, running), out, commits, timersSet: () => timersSet };
};

/** Answers questions in upper case, and records them. */
export const upper = (calls: string[][]) => async (asked: readonly string[]) => {
  calls.push([...asked]);
  return asked.map((word) => word.toUpperCase());
};

/** A stage that asks twice for each word, and emits the second answer. */
export const shout = (of: (asked: readonly string[]) => Promise<readonly string[]>) =>
  function* (word: string, context: StageContext<Ports>): Asking<undefined> {
    const once = yield* ask(of, word);
    const twice = yield* ask(of, `${once}!`);
    context.emit("out", twice);
    return undefined;
  };

/** A stage with a type that the compiler would refuse. */
export const untyped = (process: unknown): Asked["process"] => process as Asked["process"];
