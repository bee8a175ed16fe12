import { Worker } from "node:worker_threads";
import { expect, it } from "vitest";
import { createThreadLock, lockWords } from "../../../sinks/routing/thread-lock.js";

const patience = { sliceMs: 20, slices: 5 };
const wordsOf = () => new Int32Array(new SharedArrayBuffer(lockWords * 4));

it("is held while it is used, also by nested calls, and is free afterwards, also after an error", () => {
  const words = wordsOf();
  const hold = createThreadLock(words, 3, patience);
  expect(hold(() => hold(() => words[0]))).toBe(4);
  expect(words[0]).toBe(0);
  expect(() =>
    hold(() => {
      throw new Error("broken");
    }),
  ).toThrow("broken");
  expect(words[0]).toBe(0);
});

it("is taken from a thread that was terminated in its hold, within a bound", async () => {
  const words = wordsOf();
  const code = "const { workerData } = require('node:worker_threads'); Atomics.store(workerData, 0, 2); Atomics.wait(workerData, 1, 0);";
  const worker = new Worker(code, { eval: true, workerData: words });
  while (Atomics.load(words, 0) === 0) await new Promise((resolve) => setImmediate(resolve));
  await worker.terminate();
  const hold = createThreadLock(words, 0, patience);
  const beganMs = performance.now();
  expect(hold(() => words[0])).toBe(1);
  expect(performance.now() - beganMs).toBeGreaterThanOrEqual(patience.sliceMs * patience.slices * 0.9);
  expect(hold(() => words[0])).toBe(1);
});

it("is not taken from a thread that works slowly", async () => {
  const words = wordsOf();
  // holds it for longer than one slice, then lets it go
  const code = `const { workerData } = require("node:worker_threads");
    Atomics.store(workerData, 0, 2);
    Atomics.add(workerData, 1, 1);
    Atomics.wait(workerData, 1, 1, ${patience.sliceMs * 2});
    Atomics.compareExchange(workerData, 0, 2, 0);
    Atomics.notify(workerData, 0, 1);`;
  const worker = new Worker(code, { eval: true, workerData: words });
  // its hold may be over before this thread looks
  while (Atomics.load(words, 1) === 0) await new Promise((resolve) => setImmediate(resolve));
  const hold = createThreadLock(words, 0, { ...patience, slices: 1_000 });
  expect(hold(() => words[0])).toBe(1);
  await worker.terminate();
});

it("a thread that was taken for ended does not release the hold of its successor", () => {
  const words = wordsOf();
  createThreadLock(
    words,
    1,
    patience,
  )(() => {
    words[0] = 1; // the successor
  });
  expect(words[0]).toBe(1);
});
