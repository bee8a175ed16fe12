import { expect, it } from "vitest";
import { type Asking, ask, wait } from "../../../engine/ask.js";
import { settled } from "../../support/pass-time.js";
import { runWords } from "./words-stage.js";

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
