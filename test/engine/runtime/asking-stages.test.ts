import { expect, it } from "vitest";
import { type Asking, ask, wait } from "../../../engine/ask.js";
import { createTopology } from "../../../engine/builder.js";
import { queueSet } from "../../../engine/queue.js";
import { runBatch } from "../../../engine/runtime/batch-runner.js";
import { createBatchHandler } from "../../../engine/runtime/record-handler.js";
import type { Stage, StageContext } from "../../../engine/stage.js";
import type { TopicFamily } from "../../../engine/topic-family.js";
import type { RecordType } from "../../../schemas/records.js";
import type { LogRecord, RecordBatch } from "../../../stores/event-log/event-log.js";
import { createVirtualClock, type VirtualClock } from "../../../stores/virtual-clock.js";
import { settled, whileTimePasses } from "../../support/pass-time.js";

const text = { name: "Text", schema: "string", key: (value: string) => value } as unknown as RecordType<string>;
const familyOf = (name: string): TopicFamily<string> => ({ name, record: text, members: [{ name, partitions: 1 }], select: () => name });
const words = familyOf("words");
const loud = familyOf("loud");
const codec = { encode: (value: unknown) => Buffer.from(String(value)), key: String, decode: (bytes: Buffer | null) => String(bytes) };

type Ports = { readonly out: string };
type Asked = Stage<string, void, Ports>;

/** Runs one batch of words through a stage, and says what came of it. */
const runWords = async (keysAndWords: readonly (readonly [key: string, word: string])[], process: Asked["process"], concurrency = 100) => {
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
    handBackMs: 0,
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

const upper = (calls: string[][]) => async (asked: readonly string[]) => {
  calls.push([...asked]);
  return asked.map((word) => word.toUpperCase());
};

const shout = (of: (asked: readonly string[]) => Promise<readonly string[]>) =>
  function* (word: string, context: StageContext<Ports>): Asking<undefined> {
    const once = yield* ask(of, word);
    const twice = yield* ask(of, `${once}!`);
    context.emit("out", twice);
    return undefined;
  };

it("the records of a batch are asked for together, once for each question of their stage", async () => {
  const calls: string[][] = [];
  const { running, out, commits } = await runWords(
    ["a", "b", "c", "d"].map((word) => [word, word]),
    shout(upper(calls)),
  );
  await running;
  expect(calls).toEqual([
    ["a", "b", "c", "d"],
    ["A!", "B!", "C!", "D!"],
  ]);
  expect(out).toEqual(["A!", "B!", "C!", "D!"]);
  expect(commits).toEqual([4]);
});

it("records of one key are asked for one after the other, and no more at once than allowed", async () => {
  const calls: string[][] = [];
  const batch = [
    ["one", "a"],
    ["one", "b"],
    ["two", "c"],
    ["three", "d"],
  ] as const;
  const { running, out } = await runWords(batch, shout(upper(calls)), 2);
  await running;
  expect(calls.every((asked) => asked.length <= 2)).toBe(true);
  expect(calls.some((asked) => asked.includes("a") && asked.includes("b"))).toBe(false);
  expect(out.indexOf("A!")).toBeLessThan(out.indexOf("B!"));
  expect([...out].sort()).toEqual(["A!", "B!", "C!", "D!"]);
});

it("stages that wait for promises, ask, or do neither run side by side", async () => {
  const calls: string[][] = [];
  const of = upper(calls);
  const { running, out } = await runWords(
    ["sync", "promise", "asks", "waits"].map((word) => [word, word]),
    (word, { emit }) => {
      if (word === "sync") return emit("out", word);
      if (word === "promise") return Promise.resolve().then(() => emit("out", word));
      return (function* (): Asking<undefined> {
        if (word === "waits") yield* wait(Promise.resolve());
        emit("out", yield* ask(of, word));
        return undefined;
      })();
    },
  );
  await running;
  expect([...out].sort()).toEqual(["ASKS", "WAITS", "promise", "sync"]);
});

it("a store that fails fails the batch, which comes again; one that answers too few is no answer", async () => {
  const failing = async (): Promise<readonly string[]> => {
    throw new (await import("../../../schemas/errors.js")).CarillonError("UNAVAILABLE", "the store is away");
  };
  const away = await runWords([["a", "a"]], shout(failing));
  await expect(away.running).rejects.toMatchObject({ code: "UNAVAILABLE" });
  expect(away.commits).toEqual([]);
  const short = await runWords(
    [["a", "a"]],
    shout(async () => []),
  );
  await short.running;
  expect(short.out).toEqual(["a died in shout: STAGE_FAILED"]);
});

it("a record that was given up and asks on has no deadline any more", async () => {
  let answer: (words: readonly string[]) => void = () => undefined;
  let asked = 0;
  const of = () =>
    new Promise<readonly string[]>((resolve) => {
      asked += 1;
      answer = resolve;
    });
  const { running, timersSet } = await runWords([["a", "slow"]], function* (word): Asking<undefined> {
    for (;;) yield* ask(of, word);
  });
  await expect(running).rejects.toMatchObject({ code: "STAGE_TIMEOUT" });
  const before = timersSet();
  for (let turn = 0; turn < 3; turn += 1) {
    answer(["late"]);
    await settled();
  }
  expect(asked).toBe(4);
  expect(timersSet()).toBe(before);
});

it("a record that waits too long fails by its deadline; what it does afterwards does not leave", async () => {
  let answer: (words: readonly string[]) => void = () => undefined;
  let wentOn = false;
  const { running, out } = await runWords([["a", "slow"]], function* (word, context): Asking<undefined> {
    const late = yield* ask(() => new Promise<readonly string[]>((resolve) => (answer = resolve)), word);
    wentOn = true;
    context.emit("out", late);
    return undefined;
  });
  await expect(running).rejects.toMatchObject({ code: "STAGE_TIMEOUT" });
  answer(["late"]);
  await settled();
  expect(wentOn).toBe(true);
  expect(out).toEqual([]);
});
