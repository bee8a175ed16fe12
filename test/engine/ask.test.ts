import { expect, it } from "vitest";
import { type Asking, ask, askBoth, askEach, drive, isAsking, wait, workOf } from "../../engine/ask.js";

const double = async (numbers: readonly number[]): Promise<readonly number[]> => numbers.map((one) => one * 2);
const fail = async (): Promise<readonly number[]> => {
  throw new Error("the store is away");
};

it("work that is driven alone asks, waits and yields its result", async () => {
  const work = function* (): Asking<number> {
    const four = yield* ask(double, 2);
    const [six, failed] = yield* askBoth([double, 3], [fail, 3]);
    const more = yield* askEach(double, [4, 5]);
    return (
      four +
      (six.status === "fulfilled" ? six.value : 0) +
      (failed.status === "rejected" ? 100 : 0) +
      more.length +
      (yield* wait(Promise.resolve(1_000)))
    );
  };
  expect(await drive(work())).toBe(4 + 6 + 100 + 2 + 1_000);
});

it("a failure can be caught within the work, and ends it where it is not", async () => {
  const careful = function* (): Asking<string> {
    try {
      yield* ask(fail, 1);
      return "answered";
    } catch (error) {
      return (error as Error).message;
    }
  };
  expect(await drive(careful())).toBe("the store is away");
  await expect(drive(ask(fail, 1))).rejects.toThrow("the store is away");
  await expect(drive(askEach(fail, [1, 2]))).rejects.toThrow("the store is away");
});

it("what a stage returns is work, whatever its form", async () => {
  expect(await drive(workOf(1))).toBe(1);
  expect(await drive(workOf(Promise.resolve(2)))).toBe(2);
  expect(await drive(workOf(ask(double, 2)))).toBe(4);
  expect([isAsking(ask(double, 2)), isAsking({ next: 1 }), isAsking([1].values()), isAsking(undefined)]).toEqual([
    true,
    false,
    false,
    false,
  ]);
});

it("nothing is asked for nothing", async () => {
  expect(await drive(askEach(fail, []))).toEqual([]);
});
