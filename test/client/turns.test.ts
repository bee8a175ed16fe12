import { expect, it } from "vitest";
import { createTurns } from "../../client/turns.js";

const late = (): Error => new Error("late");

it("runs as much at once as it may, and the rest in order of arrival", async () => {
  const inTurn = createTurns(2);
  const begun: number[] = [];
  const ends: (() => void)[] = [];
  const work = (index: number) => () =>
    new Promise<number>((resolve) => {
      begun.push(index);
      ends.push(() => resolve(index));
    });
  const all = [0, 1, 2, 3].map((index) => inTurn(work(index), 10_000, late));
  await Promise.resolve();
  expect(begun).toEqual([0, 1]);
  ends[1]?.();
  await all[1];
  expect(begun).toEqual([0, 1, 2]);
  ends[0]?.();
  await all[0];
  for (const end of ends) end();
  expect(await Promise.all(all)).toEqual([0, 1, 2, 3]);
});

it("passes a turn on from work that failed, and over work that is too late", async () => {
  const inTurn = createTurns(1);
  let fail: (error: Error) => void = () => undefined;
  const first = inTurn(() => new Promise<never>((_, reject) => (fail = reject)), 10_000, late);
  const [second, third] = [inTurn(async () => "second", 5, late), inTurn(async () => "third", 10_000, late)];
  fail(new Error("broken"));
  await expect(first).rejects.toThrow("broken");
  await expect(second).rejects.toThrow("late");
  expect(await third).toBe("third");
  expect(await inTurn(async () => "next", 10_000, late)).toBe("next");
});
