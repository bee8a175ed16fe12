import { expect, it } from "vitest";
import { type Asking, ask, wait } from "../../../engine/ask.js";
import { checkTimer } from "../../../engine/runtime/stage-checks.js";
import type { StageContext } from "../../../engine/stage.js";
import { unreadable } from "../../support/unreadable.js";
import { type Asked, type Ports, runWords, shout, untyped, upper } from "./words-stage.js";

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

it.each(unreadable().map((_, index) => index))(
  "unreadable value %i, thrown by a stage, makes a dead letter of its record alone",
  async (index) => {
    const thrown = unreadable()[index];
    const { running, out } = await runWords(abc, (word, { emit }) => {
      if (word === "bad") throw thrown;
      emit("out", word);
    });
    await running;
    expect([...out].sort()).toEqual(["a", "bad died in shout: STAGE_FAILED", "c"]);
  },
);

it.each([Number.NaN, -1, 1e300, undefined, "soon"])("a timer due at %s is refused, not lost", (dueAtMs) => {
  expect(() => checkTimer("id", dueAtMs)).toThrow("dueAtMs");
});

it("a timer's id that is not well-formed is refused, because no store could remove it", () => {
  expect(() => checkTimer("q\ud800", 0)).toThrow("a timer's id is not well-formed Unicode");
  expect(() => checkTimer("q\ud83d\ude00", 0)).not.toThrow();
});

it("a store that empties its list of requests answers its records, and one that fails after that fails them", async () => {
  const popping = async (asked: readonly string[]): Promise<readonly string[]> => {
    const list = asked as string[];
    return list.splice(0).map((word) => word.toUpperCase());
  };
  const { running, out } = await runWords(abc, shout(popping));
  await running;
  expect([...out].sort()).toEqual(["A!", "BAD!", "C!"]);
  const failing = async (asked: readonly string[]): Promise<readonly string[]> => {
    (asked as string[]).splice(0);
    throw new Error("no");
  };
  const failed = await runWords(abc, shout(failing));
  await failed.running;
  expect([...failed.out].sort()).toEqual(["a", "bad", "c"].map((word) => `${word} died in shout: STAGE_FAILED`));
});

it("a generator may yield empty lists without end", async () => {
  const { running, out } = await runWords([["a", "a"]], (word, { emit }) =>
    (function* (): Asking<undefined> {
      for (let turns = 0; turns < 50_000; turns += 1) yield [];
      emit("out", word);
      return undefined;
    })(),
  );
  await running;
  expect(out).toEqual(["a"]);
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
