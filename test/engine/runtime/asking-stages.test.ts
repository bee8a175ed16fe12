import { expect, it } from "vitest";
import { type Asking, ask, wait } from "../../../engine/ask.js";
import { createTopology } from "../../../engine/builder.js";
import { queueSet } from "../../../engine/queue.js";
import { runBatch } from "../../../engine/runtime/batch-runner.js";
import { createBatchHandler } from "../../../engine/runtime/record-handler.js";
import { checkTimer } from "../../../engine/runtime/stage-checks.js";
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

/** Runs one batch of words through a stage and returns the results. */
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

const abc = ["a", "bad", "c"].map((word) => [word, word] as const);

it.each<[string, (asked: readonly string[]) => Promise<readonly string[]>]>([
  [
    "that it cannot take",
    async (asked) => {
      if (asked.some((word) => word.startsWith("bad"))) throw new TypeError("poison");
      return asked.map((word) => word.toUpperCase());
    },
  ],
  ["of which it answers fewer", async (asked) => asked.filter((word) => word !== "bad").map((word) => word.toUpperCase())],
  ["of which it answers more", async (asked) => asked.flatMap((word) => (word === "bad" ? ["A", "B"] : [word.toUpperCase()]))],
])("a question %s hurts no other record", async (_, of) => {
  const { running, out } = await runWords(abc, shout(of));
  await running;
  expect([...out].sort()).toEqual(["A!", "C!", "bad died in shout: STAGE_FAILED"]);
});

/** A stage with a type that the compiler would refuse. */
const untyped = (process: unknown): Asked["process"] => process as Asked["process"];

it.each<[string, Asked["process"]]>([
  ["a timer without an id", (_, { cancel }) => cancel(undefined as unknown as string)],
  ["a timer with an id that no store takes", (_, { cancel }) => cancel("x".repeat(1_501))],
  ["an async generator", untyped(async function* () {})],
  [
    "a yielded nothing",
    untyped(function* () {
      yield undefined;
    }),
  ],
  [
    "a yielded list of promises",
    untyped(function* () {
      yield [Promise.reject(new Error("nobody hears it"))];
    }),
  ],
  [
    "a rejection that a generator returns",
    // biome-ignore lint/correctness/useYield: tests a generator without yield
    untyped(function* () {
      return Promise.reject(new Error("no"));
    }),
  ],
  [
    "a work without its star",
    untyped(function* () {
      yield ask(async (all: readonly string[]) => all, "a");
    }),
  ],
])("%s makes a dead letter of its record alone", async (_, process) => {
  const { running, out } = await runWords(abc, (word, context) => (word === "bad" ? process(word, context) : context.emit("out", word)));
  await running;
  expect([...out].sort()).toEqual(["a", "bad died in shout: STAGE_FAILED", "c"]);
});

it.each([Number.NaN, -1, 1e300, undefined, "soon"])("a timer due at %s is refused, not lost", (dueAtMs) => {
  expect(() => checkTimer("id", dueAtMs)).toThrow("dueAtMs");
});

it("promises and other thenables that a stage returns are waited for, and an empty list is answered", async () => {
  const { running, out } = await runWords(
    ["thenable", "returned", "empty"].map((word) => [word, word]),
    untyped((word: string, { emit }: StageContext<Ports>) => {
      const later = Promise.resolve().then(() => emit("out", word));
      // biome-ignore lint/suspicious/noThenProperty: a promise of another library
      if (word === "thenable") return { then: later.then.bind(later) };
      return (function* () {
        if (word === "empty") yield [];
        return later;
      })();
    }),
  );
  await running;
  expect([...out].sort()).toEqual(["empty", "returned", "thenable"]);
});

it("what is emitted after the stage has let the record go is an error, not lost in silence", async () => {
  let late: () => void = () => undefined;
  const { running, out } = await runWords([["a", "a"]], (word, { emit }) => {
    emit("out", word);
    late = () => emit("out", "late");
  });
  await running;
  expect(late).toThrow("shout emits, schedules or cancels for a record that it has already finished");
  expect(out).toEqual(["a"]);
});

it("the signal of a stage is aborted at its deadline", async () => {
  let aborted = false;
  const { running } = await runWords([["a", "a"]], async (_, { signal }) => {
    await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
    aborted = true;
  });
  await expect(running).rejects.toMatchObject({ code: "STAGE_TIMEOUT" });
  await settled();
  expect(aborted).toBe(true);
});

it("work that was given up ends what it began, and is ended if it goes on for ever", async () => {
  let asked = 0;
  let ended = false;
  let answer: () => void = () => undefined;
  const { running } = await runWords([["a", "slow"]], function* (): Asking<undefined> {
    try {
      yield* wait(new Promise<void>((resolve) => (answer = resolve)));
      for (;;) {
        asked += 1;
        yield* wait(Promise.resolve());
      }
    } finally {
      ended = true;
    }
  });
  await expect(running).rejects.toMatchObject({ code: "STAGE_TIMEOUT" });
  answer();
  for (let turn = 0; turn < 50; turn += 1) await settled();
  expect([ended, asked]).toEqual([true, 16]);
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
